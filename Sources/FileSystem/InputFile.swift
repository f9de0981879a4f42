import Glibc

/// A regular file, open for reading; opening a device or a pipe fails and has no effect.
package final class InputFile {
  package let descriptor: Int32
  package let entry: Folder.Entry

  package init(owning descriptor: Int32) throws(SystemError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let number = status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL
      close(descriptor)
      throw SystemError(number)
    }
    self.descriptor = descriptor
    entry = Folder.entry(status)
  }

  /// By a path of the operator's; links in it are followed.
  package convenience init(path: String) throws(SystemError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw SystemError(EINVAL) }
    try self.init(
      owning: try system { Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) })
  }

  deinit { close(descriptor) }

  package var size: Int { entry.size }

  /// The next bytes, at most 256 KiB; nil at the end.
  package func chunk() throws(SystemError) -> [UInt8]? {
    var problem: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, count in
      do throws(SystemError) {
        count = try system { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
      } catch { problem = error }
    }
    if let problem { throw problem }
    return bytes.isEmpty ? nil : bytes
  }

  package static func read(path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try InputFile(path: path)
    var bytes: [UInt8] = []
    while let chunk = try file.chunk() {
      guard bytes.count + chunk.count <= limit else { throw SystemError(EFBIG) }
      bytes += chunk
    }
    return bytes
  }

  /// Nil only where there is no such name: a link to nowhere is an error, so that a policy cannot vanish by a broken link.
  package static func readIfPresent(path: String, limit: Int) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) { return try read(path: path, limit: limit) } catch {
      var status = stat()
      guard error.number == ENOENT, lstat(path, &status) != 0, errno == ENOENT else { throw error }
      return nil
    }
  }
}
