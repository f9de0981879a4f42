import CLinux
package import Glibc

/// An open folder. Everything is done relative to it, so that nobody who moves a path above it can lead a name elsewhere;
/// a name is one component, never a path, and a symbolic link is never followed.
package final class Folder {
  package let descriptor: Int32

  /// Opens a folder by a path of the operator's: links in it are his affair.
  package convenience init(path: String) throws(SystemError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw SystemError(EINVAL) }
    self.init(owning: try system { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
  }

  package init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Makes the folder and those above it, as `mkdir -p` does.
  package static func make(path: String, mode: mode_t) throws(SystemError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw SystemError(EINVAL) }
    if mkdir(path, mode) == 0 || errno == EEXIST { return try checkFolder(path) }
    guard errno == ENOENT, let parent = Self.parent(of: path) else { throw SystemError(errno) }
    try make(path: parent, mode: mode)
    guard mkdir(path, mode) == 0 || errno == EEXIST else { throw SystemError(errno) }
    try checkFolder(path)
  }

  private static func checkFolder(_ path: String) throws(SystemError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw SystemError(errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError(ENOTDIR) }
  }

  package static func parent(of path: String) -> String? {
    var rest = Substring(path)
    while rest.count > 1, rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let slash = rest.lastIndex(of: "/") else { return nil }
    let parent = rest[..<slash]
    return parent.isEmpty ? (rest.count > 1 ? "/" : nil) : String(parent)
  }

  // MARK: Looking

  package enum Kind { case file, folder, link, other }

  package struct Entry {
    package let kind: Kind
    package let mode: mode_t
    package let size: Int
    package let modified: Int
    package let device: dev_t
    package let inode: ino_t
  }

  /// Of the name itself, a link not followed. Nil if there is none.
  package func entry(_ name: String) throws(SystemError) -> Entry? {
    var status = stat()
    guard fstatat(descriptor, try Self.component(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw SystemError(errno)
    }
    return Self.entry(status)
  }

  package static func entry(_ status: stat) -> Entry {
    let kind: Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    return Entry(
      kind: kind, mode: status.st_mode & 0o7777, size: status.st_size, modified: status.st_mtim.tv_sec,
      device: status.st_dev, inode: status.st_ino)
  }

  /// Sorted by their bytes. Names that are not UTF-8 are given with replacement characters, and so cannot be opened.
  package func names(atMost limit: Int) throws(SystemError) -> [String] {
    // A descriptor of its own: the stream takes it over, and has its own place in the folder.
    let copy = try system { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let stream = fdopendir(copy) else {
      let number = errno
      close(copy)
      throw SystemError(number)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let item = readdir(stream) else {
        if errno != 0 { throw SystemError(errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      }
      let name = withUnsafePointer(to: &item.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      names.append(name)
      guard names.count <= limit else { throw SystemError(EOVERFLOW) }
    }
  }

  // MARK: Opening

  package func open(_ name: String) throws(SystemError) -> InputFile {
    try InputFile(
      owning: try system { [name = try Self.component(name)] in
        openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
      })
  }

  package func subfolder(_ name: String) throws(SystemError) -> Folder {
    let name = try Self.component(name)
    return Folder(
      owning: try system { openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) })
  }

  /// A regular file, whole. `EFBIG` for more than `limit` bytes, whatever its size says.
  package func read(_ name: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try open(name)
    var bytes: [UInt8] = []
    while let chunk = try file.chunk() {
      guard bytes.count + chunk.count <= limit else { throw SystemError(EFBIG) }
      bytes += chunk
    }
    return bytes
  }

  // MARK: Changing

  package func makeFolder(_ name: String, mode: mode_t) throws(SystemError) {
    let name = try Self.component(name)
    try system { mkdirat(descriptor, name, mode) }
  }

  /// A new file with these bytes, synced. `EEXIST` where there is one.
  package func create(_ name: String, mode: mode_t, _ bytes: [UInt8]) throws(SystemError) {
    try create(name, mode: mode) { (file) throws(SystemError) in
      try writeAll(bytes, to: file)
    }
  }

  /// A new file, for its owner alone until its mode is set. `EEXIST` where there is one.
  package func createForWriting(_ name: String) throws(SystemError) -> Int32 {
    let name = try Self.component(name)
    return try system { openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
  }

  /// - Parameter fill: gets the new file's descriptor.
  package func create(_ name: String, mode: mode_t, fill: (Int32) throws(SystemError) -> Void) throws(SystemError) {
    let file = try createForWriting(name)
    defer { close(file) }
    try system { fchmod(file, mode) }
    try fill(file)
    try system { fsync(file) }
  }

  package enum Switch {
    /// `EEXIST` where the new name is taken.
    case ontoNothing
    case exchange

    fileprivate var flag: UInt32 {
      switch self {
      case .ontoNothing: NEXO_RENAME_NOREPLACE
      case .exchange: NEXO_RENAME_EXCHANGE
      }
    }
  }

  /// Atomically; both folders are on one file system or it fails.
  package func rename(_ name: String, to other: Folder, _ newName: String, _ kind: Switch) throws(SystemError) {
    let (name, newName) = (try Self.component(name), try Self.component(newName))
    try system { nexo_renameat2(descriptor, name, other.descriptor, newName, kind.flag) }
  }

  /// Replaces what has the new name.
  private func replace(_ name: String, with newName: String) throws(SystemError) {
    let (name, newName) = (try Self.component(name), try Self.component(newName))
    try system { renameat(descriptor, newName, descriptor, name) }
  }

  /// Removes an entry with everything below it. Links are removed, never followed. Nothing there is fine.
  package func removeTree(_ name: String, depth: Int = 0) throws(SystemError) {
    // A tree of ours has at most 64 levels; a deeper one was not made by us, and is left for a human.
    guard depth <= 256 else { throw SystemError(ELOOP) }
    let text = try Self.component(name)
    if unlinkat(descriptor, text, 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw SystemError(errno) }
    // Its owner may have taken his own right to write away.
    fchmodat(descriptor, text, 0o700, 0)
    do {
      let folder = try subfolder(name)
      for child in try folder.names(atMost: 1 << 20) { try folder.removeTree(child, depth: depth + 1) }
    }
    guard unlinkat(descriptor, text, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw SystemError(errno) }
  }

  /// An empty folder; anything else is left as it is.
  package func removeIfEmpty(_ name: String) {
    guard let name = try? Self.component(name) else { return }
    unlinkat(descriptor, name, AT_REMOVEDIR)
  }

  /// A file that is under its name only once it is whole: a reader sees the old bytes or the new ones, also after a crash.
  ///
  /// - Parameter isLocked: by the caller; what killed processes left is then removed, else only what one of the same number left.
  package func write(_ name: String, mode: mode_t, isLocked: Bool, _ bytes: [UInt8]) throws(SystemError) {
    let temporary = isLocked ? ".nexo.new" : ".nexo-\(getpid()).new"
    try removeTree(temporary)
    do throws(SystemError) {
      try create(temporary, mode: mode, bytes)
      try replace(name, with: temporary)
    } catch {
      try? removeTree(temporary)
      throw error
    }
  }

  package func sync() throws(SystemError) { try system { fsync(descriptor) } }

  /// The whole file system: cheaper than a call for each of ten thousand files.
  package func syncFileSystem() throws(SystemError) { try system { nexo_syncfs(descriptor) } }

  // MARK: Locking

  /// False if somebody else holds the lock and `waits` is false. Released with the last copy of the descriptor, so also
  /// by a process that is killed.
  @discardableResult
  package func lock(waits: Bool) throws(SystemError) -> Bool {
    // Not called again after a signal: whoever waits for a lock has to be able to stop waiting.
    guard flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0 else { return true }
    guard errno == EWOULDBLOCK else { throw SystemError(errno) }
    return false
  }

  package func unlock() { flock(descriptor, LOCK_UN) }

  private static func component(_ name: String) throws(SystemError) -> String {
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "/"))
    else {
      throw SystemError(EINVAL)
    }
    return name
  }
}
