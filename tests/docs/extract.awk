# Makes a source file of tests of the C++ blocks of a page: awk -f extract.awk -v page=docs/x.md docs/x.md > x.cpp
# What blocks may be and what the comments above them say stands in docs/contributing.md.

function give_up(what) {
  printf "%s:%d: %s\n", page, NR, what > "/dev/stderr"
  failed = 1
  exit 1
}

# A text of code with the present line put to it; compilers shall name the page's lines.
function with_line(code) {
  return (code == "" ? sprintf("#line %d \"%s\"\n", NR, page) : code) $0 "\n"
}

# Moves an #include to the top of the file.
function hoist() {
  if (/^#include /) {
    includes = includes sprintf("#line %d \"%s\"\n", NR, page) $0 "\n"
    $0 = ""
  }
}

function forget() {
  before = after = program = body = shown = ""
  at_namespace_scope = has_main = in_main = 0
  comment = 0
}

function finish_block(    space, code) {
  space = page "_" first
  gsub(/[^A-Za-z0-9]/, "_", space)
  if (program != "") {
    code = "docs::check_program(R\"block(" shown ")block\", \"" program "\");\n"
  } else {
    code = "const docs::TestFolder folder;\nCHECK(" space "::run_block() == 0);\n"
    tests = tests "namespace " space " {\n"
    if (has_main) {
      tests = tests body "int run_block() {\n" before "const int status = block_main();\n" after "return status;\n}\n"
    } else if (at_namespace_scope) {
      tests = tests before body "int run_block() {\n" after "return 0;\n}\n"
    } else {
      tests = tests "int run_block() {\n" before body after "return 0;\n}\n"
    }
    tests = tests "}\n"
  }
  tests = tests sprintf("#line %d \"%s\"\n", first, page) "TEST_CASE(\"" page ":" first "\") {\n" code "}\n"
  forget()
}

BEGIN { forget() }

state == "before" || state == "after" {
  if (/^-->$/) {
    state = ""
  } else {
    hoist()
    if (state == "before") {
      before = with_line(before)
    } else {
      after = with_line(after)
    }
  }
  next
}

state == "block" {
  if (/^```$/) {
    state = ""
    finish_block()
    next
  }
  shown = shown $0 "\n"
  hoist()
  if (sub(/^int main\(\)/, "int block_main()")) {
    has_main = in_main = 1
  } else if (in_main && sub(/^}/, "return 0; }")) {
    in_main = 0
  }
  body = with_line(body)
  next
}

state == "other" {  # a block of another language
  if (/^```$/) {
    state = ""
  }
  next
}

/^<!-- (before|after)$/ { state = $2; comment = NR; next }
/^<!-- at namespace scope -->$/ { at_namespace_scope = 1; comment = NR; next }
/^<!-- is examples\/[a-z_0-9]+\.cpp -->$/ { program = $3; comment = NR; next }
/^```cpp$/ { state = "block"; first = NR; next }
/^ *```cpp/ { give_up("need ```cpp alone at the beginning of the line") }
/^```/ { state = "other" }
!/^$/ && comment { give_up("the comment of line " comment " must stand above a block of C++") }

END {
  if (!failed && (state != "" || comment)) {
    give_up("the page ends within a block, or after a comment that belongs above one")
  }
  if (failed) {
    exit 1
  }
  printf "%s\n%s", includes, tests
}
