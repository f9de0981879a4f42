import FileSystem
import Glibc
import WireCoding

/// nexo-rs's limits; a value above one is refused.
struct UnpackLimits: Sendable {
  /// Of the tarball, in bytes.
  var compressed = 100 << 20
  /// Of entries; and of folders, with those that no entry names.
  var entries = 10_000
  /// Of all content and metadata, in bytes.
  var total = 250 << 20
  /// Of one file, in bytes.
  var entry = 100 << 20
}

/// A file that was written, hashed on its way.
struct UnpackedFile: Sendable, Hashable {
  /// Relative, components joined by `/`.
  let path: String
  /// Permission bits, as on disk.
  let mode: mode_t
  let size: Int
  let sha256: Digest
}

/// What a tarball held. Only `Unpacker` makes one.
struct UnpackedTree: Sendable {
  /// Sorted by the bytes of their paths.
  let files: [UnpackedFile]
  let folders: [String]

  fileprivate init(files: [UnpackedFile], folders: [String]) {
    self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    self.folders = folders
  }

  func file(_ path: String) -> UnpackedFile? { files.first { $0.path.utf8.elementsEqual(path.utf8) } }
}

enum Unpacker {
  /// Unpacks an open tarball into an empty folder.
  ///
  /// Regular files and folders alone; every path and limit is checked before anything is written for it. Limits are
  /// counted on the bytes that come out, never on what a header says. On an error the folder holds a part; the caller
  /// throws it away.
  ///
  /// - Parameters:
  ///   - descriptor: the file that was hashed and verified; read from its start.
  ///   - name: for messages.
  ///   - binary: path of the program, which is made executable where its entry forgot to.
  ///   - folder: a private one.
  static func unpack(
    descriptor: Int32, name: String, binary: String, into folder: Folder, limits: UnpackLimits = UnpackLimits(),
    isCancelled: () -> Bool
  ) throws(InstallFailure) -> UnpackedTree {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw InstallFailure(.extractIo, "extract io error: read tar entries: \(SystemError(errno).text)")
    }
    guard status.st_size <= limits.compressed else {
      throw InstallFailure(
        .tarballTooLarge, "tarball at `\(name)` is \(status.st_size) bytes, exceeds limit \(limits.compressed)")
    }
    // Headers and padding come on top of content: two blocks for an entry, its pax header and its long name each, and
    // what is written behind the end.
    let overhead = limits.entries * 6 * TarHeader.size + (1 << 20)
    let stream = try GzipStream(
      descriptor: descriptor, size: Int(status.st_size), limit: limits.total, overhead: overhead)
    var reader = TarReader(stream)
    var writer = TreeWriter(folder, binary: binary, mostFolders: limits.entries)
    var count = 0
    var total = 0
    while let entry = try reader.next() {
      guard !isCancelled() else { throw .interrupted }
      let path = try EntryPath(entry.path)
      count += 1
      guard count <= limits.entries else { throw InstallFailure.tooManyEntries(limits.entries) }
      guard entry.size <= limits.entry else {
        throw InstallFailure(
          .entryTooLarge, "entry `\(path.text)` size \(entry.size) exceeds per-entry limit \(limits.entry)")
      }
      total += entry.size
      guard total + reader.metadata <= limits.total else { throw InstallFailure.extractedTooLarge(limits.total) }
      switch entry.kind {
      case .folder: try writer.makeFolder(path)
      case .file:
        guard !path.components.isEmpty else { throw TarReader.problem("a file without a name") }
        try writer.begin(path, mode: entry.mode)
        try reader.content(of: entry) { (bytes) throws(InstallFailure) in
          guard !isCancelled() else { throw .interrupted }
          try writer.write(bytes)
        }
        try writer.end()
      }
    }
    let (files, folders) = try writer.finish()
    return UnpackedTree(files: files, folders: folders)
  }
}
