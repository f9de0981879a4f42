import FileSystem
import Glibc

/// A folder that holds installed plugins, one folder for each version: `<id>-<version>`.
///
/// Everything under way is in `.nexo-staging/<random>/`, three levels below the root, where neither `list` nor the daemon's
/// discovery looks. The root is locked while anything in it is switched, so that two installs at once follow each other.
final class PluginRoot {
  static let container = ".nexo-staging"

  let path: String
  let folder: Folder
  private let isNew: Bool

  init(path: String, create: Bool) throws(SystemError) {
    var isNew = false
    if create, access(path, F_OK) != 0 {
      try Folder.make(path: path, mode: 0o755)
      isNew = true
    }
    self.isNew = isNew
    self.path = path
    folder = try Folder(path: path)
  }

  /// A folder that was made for an install that came to nothing goes again; one with anything in it stays.
  func removeIfUnused() {
    if isNew { rmdir(path) }
  }

  /// Runs with the root locked, waiting for whoever holds it.
  func locked<T>(_ body: () throws(InstallFailure) -> T) throws(InstallFailure) -> T {
    do throws(SystemError) { try folder.lock(waits: true) } catch {
      throw InstallFailure(.io, "install io error: lock \(path): \(error.text)")
    }
    defer { folder.unlock() }
    return try body()
  }

  /// A private folder for one run, locked by it as long as it lives.
  func makeStaging() throws(SystemError) -> Staging {
    try folder.lock(waits: true)
    defer { folder.unlock() }
    do throws(SystemError) { try folder.makeFolder(Self.container, mode: 0o700) } catch {
      guard error.number == EEXIST else { throw error }
    }
    let container = try folder.subfolder(Self.container)
    Self.sweep(container)
    let name = Self.randomName()
    try container.makeFolder(name, mode: 0o700)
    let own = try container.subfolder(name)
    try own.lock(waits: false)
    return Staging(root: self, container: container, name: name, folder: own)
  }

  /// Removes what dead runs have left: a folder whose lock nobody holds. Called with the root locked, under which every
  /// living run makes and locks its own.
  private static func sweep(_ container: Folder) {
    for name in (try? container.names(atMost: 10_000)) ?? [] {
      guard let stale = try? container.subfolder(name), (try? stale.lock(waits: false)) == true else { continue }
      try? container.removeTree(name)
    }
  }

  /// Called where a run ends; the container goes with its last folder.
  fileprivate func tidy() {
    guard (try? folder.lock(waits: true)) == true else { return }
    defer { folder.unlock() }
    folder.removeIfEmpty(Self.container)
  }

  /// Takes a plugin's folder away in one step, then deletes it.
  func remove(_ name: String) throws(SystemError) {
    let staging = try makeStaging()
    try folder.lock(waits: true)
    defer { folder.unlock() }
    try folder.rename(name, to: staging.folder, "removed", .ontoNothing)
    try folder.sync()
    // Held until here: letting go of it takes the lock of the root.
    withExtendedLifetime(staging) {}
  }

  private static func randomName() -> String {
    var generator = SystemRandomNumberGenerator()
    return String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
  }
}

/// One run's own folder on the file system of the root. Removed with everything in it when the run lets go of it.
final class Staging {
  private let root: PluginRoot
  private let container: Folder
  private let name: String
  let folder: Folder

  fileprivate init(root: PluginRoot, container: Folder, name: String, folder: Folder) {
    self.root = root
    self.container = container
    self.name = name
    self.folder = folder
  }

  deinit {
    try? container.removeTree(name)
    root.tidy()
  }
}
