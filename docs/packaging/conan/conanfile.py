import os
import re

from conan import ConanFile
from conan.tools.files import copy, load


class Engram(ConanFile):
    name = "engram"
    license = "MIT"
    description = "Learn neural representations and study them"
    package_type = "header-library"
    options = {"files": [True, False]}  # .npz files and images
    default_options = {"files": True}
    no_copy_source = True

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._root, "include", "engram", "core", "version.hpp"))
        self.version = ".".join(re.findall(r"#define ENGRAM_VERSION_\w+ (\d+)", header))

    def export_sources(self):
        copy(self, "include/*", self._root, self.export_sources_folder)
        copy(self, "LICENSE", self._root, self.export_sources_folder)

    def requirements(self):
        if self.options.files:
            self.requires("zlib/[>=1.2.11 <2]")
            self.requires("stb/cci.20230920")

    def package(self):
        copy(self, "*", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_target_name", "engram::engram")
