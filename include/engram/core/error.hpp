#pragma once

#if __cplusplus < 202002L && !defined(_MSC_VER)
#error engram needs C++20: -std=c++20
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error engram must see NaN and infinity, to refuse them: add -fno-finite-math-only after -ffast-math or -Ofast
#endif

#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace engram {

/// Base of everything the library throws; `what()` is one line that a user can act on.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Operands do not fit together; the message names the operation and every shape involved.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// An argument has a value that the operation cannot work with.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

/// A file's content is not what its format promises.
class FormatError : public Error {
 public:
  using Error::Error;
};

/// A file or folder cannot be opened, read or written.
class IoError : public Error {
 public:
  using Error::Error;
};

namespace detail {

template <class N>
requires(std::integral<N> || std::floating_point<N>) void append_text(std::string& out, N part) {
  char digits[64];
  if constexpr (std::floating_point<N>) {
    part = part != part ? std::numeric_limits<N>::quiet_NaN() : part;  // whose sign tells nothing
  }
  const auto end = std::to_chars(digits, digits + sizeof digits, part).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}
inline void append_text(std::string& out, char part) {
  out += part;
}
inline void append_text(std::string& out, bool part) {
  out += part ? "true" : "false";
}
inline void append_text(std::string& out, std::string_view part) {
  out += part;
}
inline void append_text(std::string& out, const char* part) {
  out += part;
}

template <class T>
concept KnowsItsText = requires(const T& part) {
  { part.text() } -> std::convertible_to<std::string>;
};

template <KnowsItsText T>
void append_text(std::string& out, const T& part) {
  out += part.text();
}

/// Refers to a part of a text, whatever its type, so that what joins and throws is compiled once.
class TextPart {
 public:
  template <class T>
  explicit TextPart(const T& part) : part_(&part), append_(append<T>) {}
  explicit TextPart(const char* part) : part_(part), append_(append_characters) {}

  void append_to(std::string& out) const { append_(out, part_); }

 private:
  template <class T>
  static void append(std::string& out, const void* part) {
    append_text(out, *static_cast<const T*>(part));
  }
  static void append_characters(std::string& out, const void* part) { out += static_cast<const char*>(part); }

  const void* part_;
  void (*append_)(std::string& out, const void* part);
};

[[gnu::noinline]] inline std::string join(std::initializer_list<TextPart> parts) {
  std::string out;
  for (const TextPart& part : parts) {
    part.append_to(out);
  }
  return out;
}

template <class E>
[[noreturn, gnu::cold, gnu::noinline]] void throw_joined(std::initializer_list<TextPart> parts) {
  std::string what = join(parts);
  for (std::size_t at = what.find('\0'); at != what.npos; at = what.find('\0', at)) {
    what.replace(at, 1, "\\0");  // else the text would end there
  }
  throw E(what);
}

}  // namespace detail

/// Joins strings, numbers and values that have a `text()` (shapes) into one string.
template <class... Parts>
std::string text(const Parts&... parts) {
  return detail::join({detail::TextPart(parts)...});
}

/// Throws `E` with the parts joined.
template <class E, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  detail::throw_joined<E>({detail::TextPart(parts)...});
}

/// Throws `E` unless `ok`; the message is built only then.
template <class E, class... Parts>
void ensure(bool ok, const Parts&... parts) {
  if (!ok) [[unlikely]] {
    detail::throw_joined<E>({detail::TextPart(parts)...});
  }
}

/// Runs f, putting `source` (a file, options) before the text of what it finds wrong; the error is then a FormatError.
template <class F>
decltype(auto) naming(const std::string& source, F f) {
  try {
    return f();
  } catch (const FormatError& error) {
    fail<FormatError>(source, ": ", error.what());
  } catch (const ShapeError& error) {
    fail<FormatError>(source, ": ", error.what());
  } catch (const ArgumentError& error) {
    fail<FormatError>(source, ": ", error.what());
  }
}

}  // namespace engram
