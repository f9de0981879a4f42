import Glibc
import WireCoding

/// An open file, closed with its owner. No call on it waits for ever unless it says so.
struct OpenFile: ~Copyable {
  enum Kind {
    case regular, pipe, terminal, socket
    case folder, device, other
    /// No open descriptor: the first read says so.
    case closed

    var name: String {
      switch self {
      case .regular: "a regular file"
      case .pipe: "a pipe"
      case .terminal: "a terminal"
      case .socket: "a socket"
      case .folder: "a folder"
      case .device: "a device"
      case .other: "of an unknown kind"
      case .closed: "closed"
      }
    }
  }

  let descriptor: Int32
  let kind: Kind
  /// In bytes, as the file system says: a hint and no more. Huge for what has no size.
  let size: Int
  private let isOwned: Bool

  /// Opens for reading. Never waits, not even for the writer of a FIFO; a pipe is left in non-blocking mode.
  init(path: [UInt8]) throws(CommandFailure) {
    guard !path.contains(0) else { throw CommandFailure(.unreadable, "its name holds a NUL byte") }
    let name = (path + [0]).map { CChar(bitPattern: $0) }
    // O_NOCTTY, O_NONBLOCK: opening a device or a FIFO must have no effect and take no time.
    let descriptor = retrying { open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
    guard descriptor >= 0 else {
      guard errno != ENXIO && errno != ENODEV else { throw CommandFailure(.notRegularFile, "a socket or a device") }
      throw CommandFailure(.unreadable, systemMessage(errno))
    }
    self.descriptor = descriptor
    (kind, size) = Self.look(at: descriptor)
    isOwned = true
  }

  /// A descriptor that belongs to somebody else, such as standard input.
  init(borrowing descriptor: Int32) {
    self.descriptor = descriptor
    (kind, size) = Self.look(at: descriptor)
    isOwned = false
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  private static func look(at descriptor: Int32) -> (Kind, Int) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return (.closed, 0) }
    let kind: Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFDIR: .folder
      case S_IFCHR: isatty(descriptor) == 1 ? .terminal : .device
      case S_IFBLK: .device
      default: .other
      }
    return (kind, kind == .regular ? max(0, Int(clamping: status.st_size)) : 1 << 40)
  }

  enum Step: Equatable {
    case bytes(Int)
    case end
    /// A pipe in non-blocking mode that holds nothing now.
    case wouldWait
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandFailure) -> Step {
    let count = retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    if count > 0 { return .bytes(count) }
    if count == 0 { return .end }
    switch errno {
    case EAGAIN: return .wouldWait
    case EISDIR: throw CommandFailure(.notRegularFile, "a folder")
    default: throw CommandFailure(.unreadable, systemMessage(errno))
    }
  }
}

extension OpenFile {
  /// Waits until there is something to read, an end or an error. False if nothing came; nil waits for ever.
  func poll(milliseconds: Int?) -> Bool {
    let limit = milliseconds.map { Int32(clamping: $0) } ?? -1
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return retrying { Glibc.poll(&entry, 1, limit) } != 0
  }
}

/// Small files, read whole.
enum InputFile {
  static let bundleLimit = 16 << 20
  static let looseLimit = 256 << 10
  static let trustedRootLimit = 8 << 20
  static let keyLimit = 64 << 10

  /// Whether there is anything of that name, a link to nowhere included. An error is a yes: opening it will tell.
  static func exists(_ path: [UInt8]) -> Bool {
    guard !path.contains(0) else { return false }
    let name = (path + [0]).map { CChar(bitPattern: $0) }
    var status = stat()
    return lstat(name, &status) == 0 || ![ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno)
  }

  /// Reads a regular file of at most `limit` bytes. Its size is what was read: what the file system says is not
  /// believed.
  static func read(_ path: [UInt8], limit: Int) throws(CommandFailure) -> [UInt8] {
    let file = try OpenFile(path: path)
    guard file.kind == .regular else { throw CommandFailure(.notRegularFile, file.kind.name) }
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while bytes.count <= limit {
      guard case .bytes(let count) = try file.read(into: buffer) else { break }
      bytes.append(contentsOf: buffer.prefix(count))
    }
    guard bytes.count <= limit else {
      throw CommandFailure(.tooLarge, got: "more than \(limit) bytes", want: "at most \(limit)")
    }
    return bytes
  }
}

/// Calls again where a signal came between.
func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// `strerror` for the errors that files have, in one language whatever the locale says.
func systemMessage(_ number: Int32) -> String {
  switch number {
  case ENOENT: "no such file"
  case ENOTDIR: "a part of its path is no folder"
  case EACCES, EPERM: "permission denied"
  case ELOOP: "too many symbolic links"
  case ENAMETOOLONG: "its name is too long"
  case EISDIR: "a folder"
  case EIO: "input or output error"
  case EMFILE, ENFILE: "too many open files"
  case ENOSPC: "no space left"
  case EPIPE, ENXIO: "nobody reads it"
  case EBADF: "it is closed"
  default: "system error \(number)"
  }
}
