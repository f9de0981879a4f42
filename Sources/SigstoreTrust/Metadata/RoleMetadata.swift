public import WireCoding

/// The file that names the keys of the four top-level roles (TUF specification 4.3).
struct RootMetadata: Sendable {
  let version: Int
  let hasConsistentSnapshots: Bool
  let file: SignedMetadata
  private let roles: [String: RoleKeys]

  init(parsing bytes: [UInt8]) throws(MetadataFailure) {
    let file = try SignedMetadata(parsing: bytes, type: "root", limit: MetadataLimits.root)
    (roles, hasConsistentSnapshots) = try file.reading { (signed) throws(CodingFailure) in
      let keys = try RoleKeys.keys(signed.field("keys"))
      var roles: [String: RoleKeys] = [:]
      for name in ["root", "timestamp", "snapshot", "targets"] {
        roles[name] = try RoleKeys(signed.field("roles").field(name), keys: keys)
      }
      return (roles, try signed.optionalField("consistent_snapshot")?.bool() ?? false)
    }
    version = file.version
    self.file = file
  }

  func keys(of role: String) throws(MetadataFailure) -> RoleKeys {
    guard let keys = roles[role] else { throw MetadataFailure(.order, role) }
    return keys
  }
}

/// How a role stands.
public struct RoleState: Sendable, Hashable {
  public let name: String
  public let version: Int
  public let expires: UnixTime?
}

/// What one metadata file says of another: its version and, optionally, its bytes.
public struct MetadataDescription: Sendable, Hashable {
  public let version: Int
  /// In bytes.
  public let length: Int?
  /// Of the algorithms that are checked; nil where none is stated at all.
  public let digests: [Digest]?

  init(_ node: JSONNode) throws(CodingFailure) {
    version = try SignedMetadata.version(node.field("version"))
    length = try node.optionalField("length").map { (node) throws(CodingFailure) in try contentLength(node) }
    digests = try node.optionalField("hashes").map { (node) throws(CodingFailure) in try contentDigests(node) }
  }

  /// Throws unless the bytes have the length and the digests that are stated.
  func check(_ bytes: [UInt8], role: String) throws(MetadataFailure) {
    if let length, bytes.count != length {
      throw MetadataFailure(.contentMismatch, role, got: "\(bytes.count) bytes", want: "\(length) bytes")
    }
    if let digests, let problem = mismatch(bytes, digests) {
      throw MetadataFailure(.contentMismatch, role, got: problem.got, want: problem.want)
    }
  }
}

/// A file of the repository, as targets metadata names it.
public struct TargetDescription: Sendable, Hashable {
  public let path: String
  /// In bytes.
  public let length: Int
  /// Never empty.
  public let digests: [Digest]

  /// The parts of the path; throws for one that would lead out of a folder, here or on another system.
  public func safeParts() throws(MetadataFailure) -> [String] {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isSafe = parts.allSatisfy { part in
      !part.isEmpty && !part.elementsEqual("..".utf8) && !part.elementsEqual(".".utf8)
        && part.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: ":") }
    }
    guard isSafe else { throw MetadataFailure(.unsafeName, got: path) }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Throws unless these are the file's bytes.
  public func check(_ bytes: [UInt8]) throws(MetadataFailure) {
    guard bytes.count == length else {
      throw MetadataFailure(.targetMismatch, path, got: "\(bytes.count) bytes", want: "\(length) bytes")
    }
    if let problem = mismatch(bytes, digests) {
      throw MetadataFailure(.targetMismatch, path, got: problem.got, want: problem.want)
    }
  }
}

/// Sizes that python-tuf and go-tuf have as well; the real files are a hundredth of them.
public enum MetadataLimits {
  /// In bytes.
  public static let root = 512_000
  public static let timestamp = 16_384
  public static let snapshot = 2_000_000
  public static let targets = 5_000_000
  /// How many roots are followed in one update, and how many delegated roles are looked through for one file.
  public static let rootRotations = 256
  public static let delegations = 32
}

private func contentLength(_ node: JSONNode) throws(CodingFailure) -> Int {
  guard let length = Int(exactly: try node.integer()), length >= 0 else {
    throw CodingFailure(.numberRange, "a length below zero", place: node.place)
  }
  return length
}

/// Hashes of unknown algorithms are left alone, but one that is known has to be there.
private func contentDigests(_ node: JSONNode) throws(CodingFailure) -> [Digest] {
  var digests: [Digest] = []
  for algorithm in HashAlgorithm.allCases {
    guard let value = try node.optionalField(algorithm.rawValue) else { continue }
    guard let digest = Digest(algorithm, try value.hex()) else {
      throw CodingFailure(.wrongType, "no \(algorithm.rawValue) digest", place: value.place)
    }
    digests.append(digest)
  }
  guard !digests.isEmpty else { throw CodingFailure(.wrongType, "no hash of a known algorithm", place: node.place) }
  return digests
}

/// `timestamp` names the snapshot, `snapshot` names all targets files (TUF specification 4.4 and 4.6).
struct ListingMetadata: Sendable {
  let version: Int
  let file: SignedMetadata
  /// By file name, for example `targets.json`.
  let descriptions: [JSONName: MetadataDescription]

  private static let most = 16_384

  /// - Parameter file: its signatures verified.
  init(_ file: SignedMetadata) throws(MetadataFailure) {
    descriptions = try file.reading { (signed) throws(CodingFailure) in
      let meta = try signed.field("meta")
      let files = try meta.fields()
      guard files.count <= Self.most else { throw CodingFailure(.tooMany, "\(files.count) files", place: meta.place) }
      var descriptions: [JSONName: MetadataDescription] = [:]
      for (name, node) in files { descriptions[JSONName(name)] = try MetadataDescription(node) }
      return descriptions
    }
    version = file.version
    self.file = file
  }
}

/// Names files by their digests, and hands parts of the name space on to other roles (TUF specification 4.5).
struct TargetsMetadata: Sendable {
  let version: Int
  let file: SignedMetadata
  let targets: [JSONName: TargetDescription]
  let delegations: Delegations

  private static let most = 65_536

  /// - Parameter file: its signatures verified.
  init(_ file: SignedMetadata) throws(MetadataFailure) {
    (targets, delegations) = try file.reading { (signed) throws(CodingFailure) in
      let list = try signed.field("targets")
      let files = try list.fields()
      guard files.count <= Self.most else { throw CodingFailure(.tooMany, "\(files.count) files", place: list.place) }
      var targets: [JSONName: TargetDescription] = [:]
      for (name, node) in files {
        targets[JSONName(name)] = TargetDescription(
          path: name, length: try contentLength(node.field("length")), digests: try contentDigests(node.field("hashes"))
        )
      }
      return (targets, try signed.optionalField("delegations").map(Delegations.init) ?? .none)
    }
    version = file.version
    self.file = file
  }
}
