import FileSystem
import Glibc

/// `<config>/extensions/trusted_keys.toml`, to be added to.
enum TrustedKeysFile {
  /// Behind what is there, comments and all; a file that would not load with it is left as it was. Two that add wait for each other.
  ///
  /// - Returns: the file's path.
  static func add(
    _ author: (keys: TrustedKeys, entry: String), configFolder: String
  ) throws(InstallFailure) -> String {
    let path = "\(configFolder)/extensions/trusted_keys.toml"
    guard let new = author.keys.authors.first else { throw InstallFailure(.trustedKeysParse, "the entry is empty") }
    do {
      try Folder.make(path: "\(configFolder)/extensions", mode: 0o755)
      let (folder, name) = try place(of: path)
      try folder.lock(waits: true)
      defer { folder.unlock() }
      let entry = try folder.entry(name)
      let old = try entry.map { _ in try folder.read(name, limit: TrustedKeys.limit) } ?? []
      guard try TrustedKeys(parsing: old, path: path).author(owner: new.owner) == nil else {
        throw InstallFailure(
          .trustedKeysParse, "\(path) has an entry for `\(new.owner)` already, and only the first counts",
          hint: ["Hint: change that entry by hand."])
      }
      let gap = old.isEmpty ? "" : old.last == 0x0a ? "\n" : "\n\n"
      let text = old + Array((gap + author.entry + "\n").utf8)
      _ = try TrustedKeys(parsing: text, path: path)
      try folder.write(name, mode: entry?.mode ?? 0o644, isLocked: true, text)
      try folder.sync()
      return path
    } catch let error as InstallFailure { throw error } catch {
      throw InstallFailure(.adminIo, "cannot write \(path): \((error as? SystemError)?.text ?? "")")
    }
  }

  /// Where the file really lies: a link to it stays a link.
  private static func place(of path: String) throws(SystemError) -> (folder: Folder, name: String) {
    guard let real = realpath(path, nil) else {
      let number = errno
      var status = stat()
      // A link to nothing is somebody's mistake, and no place for a policy.
      guard number == ENOENT, lstat(path, &status) != 0 else { throw SystemError(number) }
      return (try Folder(path: Folder.parent(of: path) ?? "."), "trusted_keys.toml")
    }
    defer { free(real) }
    let text = String(cString: real)
    return (
      try Folder(path: Folder.parent(of: text) ?? "/"),
      String(text[text.index(after: text.lastIndex(of: "/") ?? text.startIndex)...])
    )
  }
}
