package import FileSystem
import Glibc
public import SigstoreTrust
public import WireCoding

/// Keeps the metadata of one repository in a folder, beside its pack.
///
///     root.json, timestamp.json, snapshot.json, targets.json, <role>.json    the newest that was verified of each
///     root_history/N.root.json                                               every root
///     trust.pack                                                             the last complete state: see TrustPack
///
/// The single files are those of other TUF clients, and only say what counts as older. A refresh that ends half way leaves them newer
/// than the pack, which alone is believed without a network. Every file is replaced as a whole.
public final class FolderStore: MetadataStore {
  private let folder: Folder
  private let path: String
  /// What was read from `trust.pack`, if it can be read: it counts beside the single files.
  private let pack: TrustPack?

  private static let history = "root_history"

  /// - Parameters:
  ///   - folder: locked by the caller, so that nobody else writes.
  ///   - path: for messages.
  package init(_ folder: Folder, path: String, pack: TrustPack? = nil) {
    self.folder = folder
    self.path = path
    self.pack = pack
  }

  public func load(_ file: MetadataFile) -> [[UInt8]] {
    let kept: [UInt8]? =
      switch file {
      case .root:
        try? folder.subfolder(Self.history).read(file.name, limit: MetadataLimits.root)
      case .role: try? folder.read(file.name, limit: MetadataLimits.targets)
      }
    return [pack?.file(file), kept].compactMap { $0 }
  }

  public func save(_ file: MetadataFile, _ bytes: [UInt8]) throws(MetadataFailure) {
    try writing(file.name) { () throws(SystemError) in
      guard case .root = file else { return try folder.write(file.name, mode: 0o600, isLocked: true, bytes) }
      if try folder.entry(Self.history) == nil { try folder.makeFolder(Self.history, mode: 0o700) }
      try folder.subfolder(Self.history).write(file.name, mode: 0o600, isLocked: true, bytes)
      try folder.write("root.json", mode: 0o600, isLocked: true, bytes)
    }
  }

  /// The root to begin with, for a folder that is no cache of ours: a client that was started by hand.
  package func saveBeginning(_ root: [UInt8]) throws(MetadataFailure) {
    try writing("root.json") { () throws(SystemError) in
      try folder.write("root.json", mode: 0o600, isLocked: true, root)
    }
  }

  /// The complete state, at once.
  public func save(_ pack: VerifiedPack) throws(MetadataFailure) {
    try writing(TrustCache.packName) { () throws(SystemError) in
      try folder.write(TrustCache.packName, mode: 0o600, isLocked: true, pack.pack.bytes)
      try folder.sync()
    }
  }

  private func writing(_ name: String, _ body: () throws(SystemError) -> Void) throws(MetadataFailure) {
    do throws(SystemError) { try body() } catch {
      throw MetadataFailure(.cacheUnwritable, error.text, place: "\(path)/\(name)")
    }
  }
}
