import FileSystem
import WireCoding

/// The newest checkpoint that was seen of each tree of each log, as the signed note that it came in: it proves itself to whoever has the log's key.
///
///     <state>/logs/<beginning of the log's id>-<tree id>.checkpoint
public struct LogMemory: Sendable {
  /// Nil where nothing is to be kept.
  private let folder: String?
  /// In bytes: what a checkpoint may have.
  private static let limit = 64 << 10

  /// In nexo's state folder, unless `SIGSTORE_NO_CACHE` forbids it.
  public init(environment: [String: String]) {
    let location = TrustLocation(environment: environment)
    folder = location.folder == nil ? nil : Directories(environment: environment).state + "/logs"
  }

  private static let ending = ".checkpoint"

  private static func prefix(_ logID: [UInt8]) -> String { Hex.encode(logID.prefix(16)) + "-" }

  private static func name(_ logID: [UInt8], _ tree: UInt64) -> String { prefix(logID) + String(tree) + ending }

  /// Nil where there is none that can be read. Not verified.
  public func note(of logID: [UInt8], tree: UInt64) -> String? {
    guard let folder, let bytes = try? Folder(path: folder).read(Self.name(logID, tree), limit: Self.limit) else {
      return nil
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Whether there is anything of other trees of this log.
  public func knowsOthers(of logID: [UInt8], than tree: UInt64) -> Bool {
    guard let folder, let names = try? Folder(path: folder).names(atMost: 10_000) else { return false }
    return names.contains {
      $0.hasPrefix(Self.prefix(logID)) && $0.hasSuffix(Self.ending) && $0 != Self.name(logID, tree)
    }
  }

  /// Best effort: a memory that cannot be kept protects less, and stops nobody.
  public func keep(_ note: String, of logID: [UInt8], tree: UInt64) {
    guard let folder else { return }
    do throws(SystemError) {
      try Folder.make(path: folder, mode: 0o700)
      try Folder(path: folder).write(Self.name(logID, tree), mode: 0o600, isLocked: false, Array(note.utf8))
    } catch {}
  }
}
