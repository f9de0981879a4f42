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

  /// Whether both names lead to one regular file, or are the same name of none; for a caller that must not write over what it reads.
  package static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    var (first, second) = (stat(), stat())
    guard !one.contains(0), !other.contains(0) else { return false }
    switch (stat(characters(one), &first) == 0, stat(characters(other), &second) == 0) {
    case (true, true):
      return first.st_dev == second.st_dev && first.st_ino == second.st_ino && first.st_mode & S_IFMT == S_IFREG
    case (false, false):
      guard one != other else { return true }
      return place(one).map { $0 == place(other) } ?? false
    default: return false
    }
  }

  /// Folder and name, without links and dots in the folder; nil where there is no such folder.
  private static func place(_ path: [UInt8]) -> [UInt8]? {
    let slash = path.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { Array(path[...$0]) } ?? Array(".".utf8)
    guard let real = realpath(characters(folder), nil) else { return nil }
    defer { free(real) }
    return UnsafeBufferPointer(start: real, count: strlen(real)).map { UInt8(bitPattern: $0) } + [UInt8(ascii: "/")]
      + path[(slash.map { $0 + 1 } ?? 0)...]
  }

  /// `/dev/stdout` and the like are names of descriptors, also where they lead to a regular file.
  private static func isOpenAlready(_ path: [UInt8]) -> Bool {
    path.starts(with: Array("/dev/".utf8)) || path.starts(with: Array("/proc/".utf8))
  }

  private static func append(_ bytes: [UInt8], to name: [CChar]) throws(SystemError) {
    // A pipe that nobody reads is an error, and nothing to wait for.
    let file = try system { open(name, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
    defer { close(file) }
    let flags = try system { fcntl(file, F_GETFL) }
    try system { fcntl(file, F_SETFL, flags & ~O_NONBLOCK) }
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
