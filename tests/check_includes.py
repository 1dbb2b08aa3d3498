"""Fails when a header of include/ uses a type of another header, or a name of the standard library, without including
what declares it, itself or by what it includes. It reads text and finds most of what would not compile alone, in a
second; headers_alone.sh compiles each, in minutes.

check_includes.py INCLUDE
"""

import collections
import pathlib
import re
import sys

STANDARD = {  # names and where they are declared
    "algorithm": "sort stable_sort nth_element partial_sort max_element min_element minmax minmax_element clamp lower_bound "
    "upper_bound binary_search find_if find_if_not any_of all_of none_of count_if copy_if fill fill_n remove_if shuffle "
    "ranges::sort ranges::find ranges::equal ranges::all_of ranges::any_of ranges::none_of ranges::transform ranges::count "
    "ranges::copy ranges::max ranges::min ranges::max_element ranges::min_element ranges::fill ranges::is_sorted "
    "ranges::nth_element ranges::stable_sort ranges::lower_bound ranges::minmax ranges::generate ranges::adjacent_find "
    "ranges::for_each ranges::replace push_heap pop_heap make_heap sort_heap",
    "array": "array",
    "atomic": "atomic atomic_flag",
    "bit": "bit_cast endian bit_ceil bit_width countr_zero countl_zero popcount has_single_bit",
    "charconv": "from_chars to_chars",
    "chrono": "chrono",
    "cmath": "sqrt exp expm1 log log1p log2 pow sin cos tan atan2 acos asin sinh cosh tanh fabs floor ceil round lround "
    "llround trunc isnan isinf isfinite hypot fma erf lgamma tgamma copysign nextafter ldexp frexp fmod cbrt",
    "concepts": "floating_point integral same_as convertible_to signed_integral unsigned_integral invocable "
    "default_initializable derived_from constructible_from regular equality_comparable",
    "csignal": "signal raise sig_atomic_t",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t",
    "cstdio": "snprintf printf fprintf FILE fopen fclose fputs",
    "cstdlib": "getenv malloc free strtod strtol exit",
    "cstring": "memcpy memset memcmp memmove strlen strerror",
    "deque": "deque",
    "exception": "exception_ptr current_exception rethrow_exception terminate uncaught_exceptions",
    "filesystem": "filesystem",
    "fstream": "ifstream ofstream fstream",
    "functional": "function hash equal_to plus less greater multiplies minus reference_wrapper invoke",
    "initializer_list": "initializer_list",
    "iterator": "back_inserter inserter istreambuf_iterator iter_swap make_move_iterator",
    "limits": "numeric_limits",
    "map": "map multimap",
    "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared allocate_shared to_address allocator_traits "
    "destroy_at construct_at",
    "mutex": "mutex lock_guard unique_lock scoped_lock call_once once_flag",
    "numbers": "numbers",
    "numeric": "accumulate iota reduce partial_sum inner_product gcd lcm exclusive_scan",
    "optional": "optional nullopt nullopt_t make_optional",
    "set": "set multiset",
    "span": "span as_bytes as_writable_bytes",
    "sstream": "ostringstream istringstream stringstream",
    "stdexcept": "runtime_error logic_error invalid_argument out_of_range",
    "string": "string to_string stoi stod getline",
    "string_view": "string_view",
    "system_error": "errc error_code system_error make_error_code generic_category",
    "thread": "thread jthread this_thread",
    "tuple": "tuple tie make_tuple apply ignore forward_as_tuple",
    "type_traits": "is_same_v is_pointer_v is_void_v type_identity_t remove_cvref_t conditional_t decay_t invoke_result_t "
    "enable_if_t is_floating_point_v is_integral_v is_const_v make_unsigned_t is_base_of_v is_invocable_v true_type "
    "false_type integral_constant is_convertible_v underlying_type_t common_type_t remove_const_t",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "pair move forward exchange swap make_pair index_sequence make_index_sequence declval integer_sequence "
    "as_const in_range cmp_less",
    "variant": "variant visit get_if holds_alternative monostate",
    "vector": "vector",
}
# Headers that give what others declare, by the standard.
ALSO = {"string": {"string_view", "initializer_list", "utility"}, "map": {"utility", "initializer_list"},
        "unordered_map": {"utility", "initializer_list"}, "vector": {"initializer_list"}, "tuple": {"utility"},
        "set": {"initializer_list"}, "deque": {"initializer_list"}, "optional": {"utility"}, "utility": {"initializer_list"}}


def code_of(text):
    """Without comments and what stands in quotes."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.S)


def main(root):
    code, included = {}, {}
    for path in sorted(root.rglob("*.hpp")):
        name = path.relative_to(root).as_posix()
        text = path.read_text()
        included[name] = set(re.findall(r"^#include <([^>]+)>", text, re.M))
        code[name] = code_of(text)

    declared_in = collections.defaultdict(set)
    for name, text in code.items():
        for declared in re.findall(r"^(?:class|struct|enum class|enum|using|concept) (\w+)", text, re.M):
            declared_in[declared].add(name)

    def closure(name):
        seen, to_do = set(), [name]
        while to_do:
            at = to_do.pop()
            if at not in seen:
                seen.add(at)
                to_do.extend(included.get(at, ALSO.get(at, ())))
        return seen

    standard = {name: header for header, names in STANDARD.items() for name in names.split()}
    failures = []
    for name, text in code.items():
        known = closure(name)
        for used in sorted(set(re.findall(r"\bstd::((?:ranges::)?\w+)", text))):
            if used in standard and standard[used] not in known:
                failures.append(f"{name} uses std::{used} without <{standard[used]}>")
        for used in sorted(set(re.findall(r"(?<![\w.:])(?:[a-z_]\w*::)*([A-Z]\w*[a-z]\w*)", text))):
            homes = declared_in.get(used)
            declared_here = re.search(rf"(?:class|struct|enum|using|typename|concept) {used}\b", text)
            if homes and not homes & known and not declared_here:
                failures.append(f"{name} uses {used} without <{min(homes)}>")
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"{len(code)} headers, {len(failures)} includes missing")
    return 1 if failures or not code else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
