#include "app/data_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/random.h"

namespace footlight::app {
namespace {

Result<void, Error> make_private_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!std::filesystem::is_directory(path))
    return fail(fmt::format("The data directory {} cannot be made: {}; choose another with --data.", path.string(),
                            error.message()));
  return {};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

Result<DataFolder, Error> DataFolder::open(std::filesystem::path data) {
  DataFolder folder;
  std::error_code error;
  folder.data_ = std::filesystem::absolute(data, error).lexically_normal();
  if (auto made = make_private_folder(folder.run()); !made) return unexpected(made.error());
  ::chmod(folder.run().c_str(), 0700);
  std::string lock_path = (folder.run() / "lock").string();
  folder.lock_.reset(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!folder.lock_.valid())
    return fail(fmt::format("The data directory {} is not writable: {}; choose another with --data.",
                            folder.data_.string(), std::strerror(errno)));
  if (::flock(folder.lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(
        fmt::format("The data directory {} belongs to a Footlight that is running; stop it, or choose another "
                    "with --data.",
                    folder.data_.string()));
  return folder;
}

Result<Secret, Error> DataFolder::admin_token() const {
  std::filesystem::path path = data_ / "admin_token";
  if (std::filesystem::exists(path)) {
    auto text = read_file(path);
    if (!text) return unexpected(text.error());
    std::string token = text->substr(0, text->find_first_of("\r\n"));
    if (token.empty())
      return fail(fmt::format("{} is empty; write a token into its first line, or remove it.", path.string()));
    return Secret(std::move(token));
  }
  Secret token(random_id(24));
  if (auto written = write_file(path, token.reveal() + "\n", 0600); !written) return unexpected(written.error());
  return token;
}

Result<void, Error> write_file(const std::filesystem::path& path, std::string_view bytes, int mode) {
  std::string temporary = path.string() + "." + random_id(6);
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  bool written = fd.valid() && write_all(fd.get(), bytes) && ::fsync(fd.get()) == 0 &&
                 ::rename(temporary.c_str(), path.c_str()) == 0;
  if (written) return {};
  std::string reason = std::strerror(errno);
  ::unlink(temporary.c_str());
  return fail(fmt::format("{} cannot be written: {}.", path.string(), reason));
}

Result<std::string, Error> read_file(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string out;
  std::array<char, 4096> buffer{};
  while (fd.valid()) {
    ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n == 0) return out;
    if (n < 0 && errno != EINTR) break;
    if (n > 0) out.append(buffer.data(), static_cast<size_t>(n));
  }
  return fail(fmt::format("{} cannot be read: {}.", path.string(), std::strerror(errno)));
}

}  // namespace footlight::app
