# Sourced by examples/run.sh, tests/run.sh and benchmarks/run.sh: installs what they need, or says what to install.

require_packages() {  # require_packages [examples] [study] [tests] [clang] [valgrind] [peers]
  local debian=(g++ cmake ninja-build zlib1g-dev libstb-dev libcli11-dev nlohmann-json3-dev libcairo2-dev
    pkgconf)
  local fedora="gcc-c++ cmake ninja-build zlib-devel stb-devel cli11-devel json-devel cairo-devel pkgconf"
  local arch="gcc cmake ninja zlib stb cli11 nlohmann-json cairo pkgconf"
  local brew="cmake ninja libomp cli11 nlohmann-json cairo pkgconf"
  local group
  for group in "$@"; do
    case "$group" in
      study)
        debian+=(ffmpeg libgudhi-dev libboost-dev)
        fedora+=" ffmpeg boost-devel"  # with H.264: RPM Fusion
        arch+=" ffmpeg boost"
        brew+=" ffmpeg boost" ;;
      tests)
        debian+=(doctest-dev libbenchmark-dev python3-onnx libtiff-dev libhdf5-dev)
        fedora+=" doctest-devel google-benchmark-devel libtiff-devel hdf5-devel"
        arch+=" doctest benchmark libtiff hdf5"
        brew+=" doctest google-benchmark libtiff hdf5" ;;
      clang)
        debian+=(clang libomp-dev)
        fedora+=" clang libomp-devel"
        arch+=" clang openmp" ;;
      valgrind)
        debian+=(valgrind)
        fedora+=" valgrind"
        arch+=" valgrind" ;;
      peers)
        debian+=(python3-torch python3-numpy libopenblas0-pthread libjemalloc2)
        command -v npm >/dev/null || debian+=(npm)
        fedora+=" python3-torch openblas-threads jemalloc npm"
        arch+=" python-pytorch openblas jemalloc npm"
        brew+=" openblas jemalloc node" ;;
    esac
  done
  if ! command -v dpkg-query >/dev/null; then
    if command -v dnf >/dev/null; then
      echo "If the build misses something: sudo dnf install $fedora"
    elif command -v pacman >/dev/null; then
      echo "If the build misses something: sudo pacman -S $arch"
    elif command -v brew >/dev/null; then
      echo "If the build misses something: brew install $brew (and put stb's headers where the compiler finds stb/)"
    else
      echo "If the build misses something, install what Debian calls: ${debian[*]}"
    fi
    return 0
  fi
  local missing=() package
  for package in "${debian[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Install first, as root: apt-get install ${missing[*]}" >&2; return 1; }
    sudo=sudo
  fi
  echo "Installing: ${missing[*]}"
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
