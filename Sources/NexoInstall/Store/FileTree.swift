import FileSystem
import Glibc
import OpenSSLCrypto
import WireCoding

/// What is on disk below a folder, hashed, to be compared with what ought to be there.
struct FileTree: Sendable, Hashable {
  /// By path; `nil` stands for what is neither a file nor a folder.
  private(set) var files: [String: InstallRecord.File?] = [:]
  private(set) var folders: Set<String> = []

  /// Twice what a tarball may hold: a tree with more is not one of ours.
  private static let mostEntries = 20_000
  private static let deepest = 128

  /// - Parameter ignoring: names at the top that are not the plugin's, such as the record.
  init(of folder: Folder, ignoring: Set<String> = [InstallRecord.name]) throws(SystemError) {
    var count = 0
    try read(folder, prefix: "", depth: 0, ignoring, &count)
  }

  private mutating func read(
    _ folder: Folder, prefix: String, depth: Int, _ ignoring: Set<String>, _ count: inout Int
  ) throws(SystemError) {
    guard depth <= Self.deepest else { throw SystemError(ELOOP) }
    for name in try folder.names(atMost: Self.mostEntries) where !ignoring.contains(name) {
      count += 1
      guard count <= Self.mostEntries else { throw SystemError(EOVERFLOW) }
      let path = prefix + name
      switch try folder.entry(name)?.kind {
      case .folder:
        folders.insert(path)
        try read(try folder.subfolder(name), prefix: path + "/", depth: depth + 1, [], &count)
      case .file: files[path] = .some(try Self.hashed(folder.open(name), path))
      case .link, .other, nil: files[path] = .some(nil)
      }
    }
  }

  private static func hashed(_ file: InputFile, _ path: String) throws(SystemError) -> InstallRecord.File {
    do {
      let hasher = try StreamHasher([.sha256])
      var size = 0
      while let chunk = try file.chunk() {
        try hasher.update(chunk)
        size += chunk.count
      }
      return InstallRecord.File(
        path: path, mode: UInt32(file.entry.mode), size: size, sha256: Hex.encode(try hasher.finish(.sha256).bytes))
    } catch let error as SystemError { throw error } catch { throw SystemError(EIO) }
  }

  /// Each difference in a line, at most `limit` of them; empty means equal. Folders count by name, files by all they are.
  func differences(from wanted: [InstallRecord.File], folders wantedFolders: Set<String>?, limit: Int = 20) -> [String]
  {
    var lines: [String] = []
    var left = files
    for file in wanted {
      switch left.removeValue(forKey: file.path) {
      case nil: lines.append("\(file.path) is missing")
      case .some(nil): lines.append("\(file.path) is no regular file")
      case .some(let found?):
        if found.sha256 != file.sha256 || found.size != file.size {
          lines.append("\(file.path) has other content")
        } else if found.mode != file.mode {
          lines.append(
            "\(file.path) has mode \(String(found.mode, radix: 8)), not \(String(file.mode, radix: 8))")
        }
      }
    }
    lines += left.keys.sorted().map { "\($0) was added" }
    // A record names files alone; every folder on the way to one is wanted too.
    var known = wantedFolders ?? []
    for file in wanted {
      var parts = file.path.split(separator: "/").dropLast()
      while !parts.isEmpty {
        known.insert(parts.joined(separator: "/"))
        parts = parts.dropLast()
      }
    }
    if wantedFolders != nil {
      lines += known.subtracting(folders).sorted().map { "folder \($0) is missing" }
      lines += folders.subtracting(known).sorted().map { "folder \($0) was added" }
    }
    return lines.count > limit ? lines.prefix(limit) + ["and \(lines.count - limit) more"] : lines
  }
}
