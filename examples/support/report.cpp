#include "support/report.hpp"

#include <array>
#include <cstddef>
#include <string_view>

#include <engram/core/error.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>

#include "support/report/html.hpp"
#include "support/report/map_data.hpp"

namespace support {

namespace {

const std::filesystem::path report_folder = ENGRAM_REPORT_DIR;  ///< the page's template, style and scripts

std::string html_paragraphs(const std::vector<std::string>& text, std::string_view tag = "<p>") {
  std::string out;
  for (const std::string& paragraph : text) {
    out += engram::text(tag, html_text(paragraph), "</p>\n");
  }
  return out;
}

std::string html_claims(const std::vector<ReportClaim>& claims) {
  static constexpr std::array<std::string_view, 3> signs{"&#10003;", "&#10007;", "?"};  // of each Verdict
  std::string out =
      "<table class=\"claims\"><thead><tr><th scope=\"col\">Claim</th><th scope=\"col\">The study found</th>"
      "<th scope=\"col\">Measured here</th><th scope=\"col\">Verdict</th></tr></thead>\n<tbody>\n";
  for (const ReportClaim& claim : claims) {
    const std::string_view kind = verdict_name(claim.verdict);
    out += engram::text("<tr><th scope=\"row\">", html_text(claim.claim), "</th><td data-name=\"The study found\">",
                        html_text(claim.study), "</td><td data-name=\"Measured here\">", html_text(claim.measured),
                        "</td><td><span class=\"verdict ", kind, "\"><span aria-hidden=\"true\">",
                        signs[static_cast<std::size_t>(claim.verdict)], "</span> ", kind, "</span></td></tr>\n");
  }
  return out + "</tbody></table>\n";
}

void write_figure(engram::io::AtomicFile& out, const ReportFigure& figure) {
  const std::string words = html_text(figure.caption);
  out.write(figure.wide ? "<figure class=\"wide\">" : "<figure>");
  if (is_movie(figure.file)) {
    out.write(engram::text("<video controls loop muted playsinline aria-label=\"", words, "\""));
    const auto still = std::filesystem::path(figure.file).replace_extension(".png");
    if (std::filesystem::exists(still)) {
      out.write(" poster=\"");
      out.write(data_address(still));
      out.write("\"");
    }
    out.write(" src=\"");
  } else {
    out.write(engram::text("<img alt=\"", words, "\" src=\""));
  }
  out.write(data_address(figure.file));
  out.write(
      engram::text(is_movie(figure.file) ? "\"></video>" : "\">", "<figcaption>", words, "</figcaption></figure>\n"));
}

void write_section(engram::io::AtomicFile& out, const ReportSection& section, std::string_view id) {
  out.write(engram::text("<section id=\"", id, "\">\n<h2>", html_text(section.heading), "</h2>\n",
                         html_paragraphs(section.text)));
  out.write("<div class=\"figures\">\n");
  for (const ReportFigure& figure : section.figures) {
    write_figure(out, figure);
  }
  out.write("</div>\n");
  for (const ReportTable& table : section.tables) {
    out.write(html_table(table));
  }
  out.write("</section>\n");
}

std::string html_settings(const std::vector<std::pair<std::string, std::string>>& settings) {
  std::string out = "<section id=\"settings\">\n<h2>Settings</h2>\n<dl class=\"settings\">\n";
  for (const auto& [name, value] : settings) {
    out += engram::text("<div><dt>", html_text(name), "</dt><dd>", html_text(value), "</dd></div>\n");
  }
  return out + "</dl>\n</section>\n";
}

std::string html_files(const std::vector<ReportFile>& files) {
  std::string out = "<section id=\"files\">\n<h2>Files</h2>\n<dl class=\"files\">\n";
  for (const ReportFile& file : files) {
    out += engram::text("<div><dt><a href=\"", html_link(file.path), "\">", html_text(file.path), "</a></dt><dd>",
                        html_text(file.holds), "<pre tabindex=\"0\"><code>", html_text(file.opens),
                        "</code></pre></dd></div>\n");
  }
  return out + "</dl>\n</section>\n";
}

std::string html_contents(const Report& report) {
  std::string out = "<nav aria-label=\"Contents\"><ul>\n";
  const auto add = [&](bool there, std::string_view id, std::string_view words) {
    out += there ? engram::text("<li><a href=\"#", id, "\">", html_text(words), "</a></li>\n") : "";
  };
  add(!report.claims.empty(), "claims", "Claims");
  add(report.map.has_value(), "map", "Map of the codes");
  for (std::size_t i = 0; i < report.sections.size(); ++i) {
    add(true, engram::text("section-", i), report.sections[i].heading);
  }
  add(!report.settings.empty(), "settings", "Settings");
  add(!report.files.empty(), "files", "Files");
  return out + "</ul></nav>\n";
}

/// The map with the data and scripts that bring it to life.
void write_map(engram::io::AtomicFile& out, const CodeMap& map) {
  check_map(map);
  fill_template(out, report_folder / "map.html", [&](std::string_view) { out.write(html_paragraphs(map.text)); });
  write_map_data(out, map);
  for (const char* script : {"scatterplot.min.js", "report.js"}) {
    out.write(engram::text("<script>\n", engram::io::read_text(report_folder / script), "</script>\n"));
  }
}

void write_body(engram::io::AtomicFile& out, const Report& report) {
  out.write(engram::text("<header>\n<h1>", html_text(report.title), "</h1>\n",
                         html_paragraphs(report.summary, "<p class=\"summary\">"), html_contents(report),
                         "</header>\n"));
  if (!report.claims.empty()) {
    out.write(engram::text("<section id=\"claims\">\n<h2>Claims</h2>\n", html_claims(report.claims), "</section>\n"));
  }
  if (report.map) {
    write_map(out, *report.map);
  }
  for (std::size_t i = 0; i < report.sections.size(); ++i) {
    write_section(out, report.sections[i], engram::text("section-", i));
  }
  out.write(report.settings.empty() ? "" : html_settings(report.settings));
  out.write(report.files.empty() ? "" : html_files(report.files));
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  constexpr std::array<std::string_view, 3> names{"supported", "contradicted", "undecided"};
  return names[static_cast<std::size_t>(verdict)];
}

void write_report(const std::filesystem::path& file, const Report& report) {
  engram::io::AtomicFile out(file);
  fill_template(out, report_folder / "report.html", [&](std::string_view name) {
    if (name == "title") {
      out.write(html_text(report.title));
    } else if (name == "style") {
      out.write(engram::io::read_text(report_folder / "report.css"));
    } else {
      write_body(out, report);
    }
  });
  out.commit();
}

}  // namespace support
