// The sanitizers ask the program for these. Pango's font look-up runs on a thread of GLib's and keeps its tables for
// good; neither library is built with a sanitizer, and what is seen inside them is not ours to mend.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:libfontconfig\nrace:libglib\nrace:libpango\nrace:libpixman\nrace:libcairo\nrace:libharfbuzz\n"
         "race:libfreetype\n";
}

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig\nleak:libpango\nleak:libglib\n"; }
