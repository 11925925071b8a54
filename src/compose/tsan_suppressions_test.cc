// ThreadSanitizer asks the program for this. Pango's font look-up runs on a thread of GLib's, neither of which is built
// with the sanitizer: what it sees inside them is not ours to mend.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:libfontconfig\nrace:libglib\nrace:libpango\nrace:libpixman\nrace:libcairo\nrace:libharfbuzz\n"
         "race:libfreetype\n";
}
