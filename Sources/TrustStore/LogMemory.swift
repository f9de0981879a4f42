import FileSystem
import OpenSSLCrypto
import WireCoding

/// The newest checkpoint that was seen of each tree of each log, as the signed note that it came in: it proves itself to whoever has the log's key.
///
///     <state>/logs/<digest of log id and origin>.checkpoint
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

  private static func name(_ logID: [UInt8], _ origin: String) -> String? {
    (try? sha256(logID + Array(origin.utf8))).map { Hex.encode($0.prefix(16)) + ".checkpoint" }
  }

  /// Nil where there is none that can be read. Not verified.
  public func note(of logID: [UInt8], origin: String) -> String? {
    guard let folder, let name = Self.name(logID, origin),
      let bytes = try? Folder(path: folder).read(name, limit: Self.limit)
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Best effort: a memory that cannot be kept protects less, and stops nobody.
  public func keep(_ note: String, of logID: [UInt8], origin: String) {
    guard let folder, let name = Self.name(logID, origin) else { return }
    do throws(SystemError) {
      try Folder.make(path: folder, mode: 0o700)
      try Folder(path: folder).write(name, mode: 0o600, isLocked: false, Array(note.utf8))
    } catch {}
  }
}
