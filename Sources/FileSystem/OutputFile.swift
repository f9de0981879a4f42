import Glibc

/// A file that the user names to be written.
package enum OutputFile {
  /// A regular file is replaced as a whole or not at all, and keeps its mode; a link to one stays a link. What is no regular file, such
  /// as a device or a pipe, is written to and never replaced.
  ///
  /// - Parameter path: as the user gave it, in whatever encoding.
  package static func write(_ bytes: [UInt8], to path: [UInt8]) throws(SystemError) {
    guard !path.isEmpty, !path.contains(0) else { throw SystemError(EINVAL) }
    let name = characters(path)
    var status = stat()
    guard stat(name, &status) == 0 else {
      let number = errno
      // A link to nothing: what it was for is not known.
      guard number == ENOENT, lstat(name, &status) != 0 else { throw SystemError(number) }
      return try replace(path, mode: nil, bytes)
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw SystemError(EISDIR) }
    guard status.st_mode & S_IFMT == S_IFREG, !isOpenAlready(path) else { return try append(bytes, to: name) }
    guard let real = realpath(name, nil) else { throw SystemError(errno) }
    defer { free(real) }
    let place = UnsafeBufferPointer(start: real, count: strlen(real)).map { UInt8(bitPattern: $0) }
    try replace(place, mode: status.st_mode & 0o7777, bytes)
  }

  /// `/dev/stdout` and the like are names of descriptors, also where they lead to a regular file.
  private static func isOpenAlready(_ path: [UInt8]) -> Bool {
    path.starts(with: Array("/dev/".utf8)) || path.starts(with: Array("/proc/".utf8))
  }

  private static func append(_ bytes: [UInt8], to name: [CChar]) throws(SystemError) {
    let file = try system { open(name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY) }
    defer { close(file) }
    try writeAll(bytes, to: file)
  }

  /// - Parameter mode: nil for a new file.
  private static func replace(_ path: [UInt8], mode: mode_t?, _ bytes: [UInt8]) throws(SystemError) {
    let folder = path.lastIndex(of: UInt8(ascii: "/")).map { path[...$0] } ?? []
    let temporary = characters(folder + Array(".nexo-\(getpid()).new".utf8))
    let name = characters(path)
    // Of a process that was killed, and had the same number.
    unlink(temporary)
    let file = try system { open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666) }
    defer { close(file) }
    do throws(SystemError) {
      if let mode { try system { fchmod(file, mode) } }
      try writeAll(bytes, to: file)
      try system { fsync(file) }
      try system { rename(temporary, name) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func characters(_ path: some Sequence<UInt8>) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }
}
