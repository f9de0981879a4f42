public import WireCoding

/// Where metadata that was verified is kept. What it hands out is verified again, so that it need not be believed.
public protocol MetadataStore {
  /// Every state of the file that is kept, each of which counts; none where there is none that can be read.
  func load(_ file: MetadataFile) -> [[UInt8]]
  func save(_ file: MetadataFile, _ bytes: [UInt8]) throws(MetadataFailure)
}

/// A metadata file of a repository by its place in a store.
public enum MetadataFile: Sendable, Hashable {
  case root(version: Int)
  /// `timestamp`, `snapshot`, `targets`, or a delegated role.
  case role(String)

  /// A name that is one component of a path, whatever the role's own is.
  public var name: String {
    switch self {
    case .root(let version): "\(version).root.json"
    case .role(let role): PathSegment.encoded(role) + ".json"
    }
  }
}

/// Percent-encoding (RFC 3986, 2.1) of everything but unreserved characters, for addresses and file names alike. Dots alone are encoded
/// as well: they would lead elsewhere.
public enum PathSegment {
  public static func encoded(_ name: String) -> String {
    let isDots = name.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
    var result = ""
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: ".") where !isDots: result += "."
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        result += hex.utf8.count < 2 ? "%0" + hex : "%" + hex
      }
    }
    return result
  }
}

/// What a pack holds; nothing is kept in it.
public struct PackStore: MetadataStore {
  private let pack: TrustPack

  public init(_ pack: TrustPack) { self.pack = pack }

  public func load(_ file: MetadataFile) -> [[UInt8]] { pack.file(file).map { [$0] } ?? [] }
  public func save(_ file: MetadataFile, _ bytes: [UInt8]) throws(MetadataFailure) {
    throw MetadataFailure(.cacheUnwritable, "a trust pack", place: file.name)
  }
}

/// Keeps metadata as long as the process lives.
public final class MemoryStore: MetadataStore {
  /// By file name.
  private var files: [String: [UInt8]] = [:]
  private let kept: (any MetadataStore)?

  /// - Parameter kept: what is kept elsewhere already, and counts; nothing is written there.
  public init(over kept: (any MetadataStore)? = nil) { self.kept = kept }

  public func load(_ file: MetadataFile) -> [[UInt8]] {
    (kept?.load(file) ?? []) + [files[file.name]].compactMap { $0 }
  }
  public func save(_ file: MetadataFile, _ bytes: [UInt8]) { files[file.name] = bytes }
}
