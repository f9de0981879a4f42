public import WireCoding

/// A trusted root that proves itself: the chain of root metadata, the metadata that leads to `trusted_root.json`, and that file. Kept by
/// `nexo trust update`, and carried to hosts without internet.
///
///     {"mediaType": "application/vnd.nexo.trust-pack.v1+json",
///      "refreshed": time,                       RFC 3339: when whoever made it saw all of it fresh
///      "roots": [base64, …],                    N.root.json, consecutive, oldest first
///      "metadata": {file name: base64, …},      timestamp.json, snapshot.json, targets.json, delegated roles
///      "targets": {"trusted_root.json": base64}}
///
/// All files are as they were served. A pack that was read is believed by nobody: `verified` decides.
public struct TrustPack: Sendable, Hashable {
  public static let mediaType = "application/vnd.nexo.trust-pack.v1+json"
  /// In bytes. Sigstore's have some 30 KB, and 8 KB more for each new root.
  public static let limit = 16 << 20
  /// The one file of a repository that a verifier needs.
  public static let target = "trusted_root.json"

  /// What it says of itself, unsigned.
  public let refreshed: UnixTime
  public let roots: [[UInt8]]
  /// By file name, as `MetadataFile` has it.
  public let metadata: [String: [UInt8]]
  public let trustedRoot: [UInt8]

  private static let mostRoots = 1024
  private static let mostFiles = 64

  public init(refreshed: UnixTime, roots: [[UInt8]], metadata: [String: [UInt8]], trustedRoot: [UInt8]) {
    self.refreshed = refreshed
    self.roots = roots
    self.metadata = metadata
    self.trustedRoot = trustedRoot
  }

  public init(parsing file: [UInt8]) throws(MetadataFailure) {
    do throws(CodingFailure) {
      let root = try JSONNode.parse(
        file, limits: JSONLimits(maximumBytes: Self.limit, maximumDepth: 8, maximumValues: 4096))
      let mediaType = try root.field("mediaType")
      guard try mediaType.string().utf8.elementsEqual(Self.mediaType.utf8) else {
        throw CodingFailure(.wrongType, "of another media type", place: mediaType.place)
      }
      refreshed = try UnixTime(rfc3339: root.field("refreshed").string())
      var roots: [[UInt8]] = []
      for node in try root.field("roots").elements(atMost: Self.mostRoots) { roots.append(try node.base64()) }
      self.roots = roots
      let files = try root.field("metadata")
      let names = try files.fieldNames()
      guard names.count <= Self.mostFiles else {
        throw CodingFailure(.tooMany, "\(names.count) files, over the limit of \(Self.mostFiles)", place: files.place)
      }
      var metadata: [String: [UInt8]] = [:]
      for name in names {
        // As `MetadataFile` writes them: there is nothing in them to escape.
        let isPlain = name.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || "-._~%".utf8.contains(byte)
        }
        guard isPlain else { throw CodingFailure(.wrongType, "no name of a metadata file", place: files.place) }
        metadata[name] = try files.field(name).base64()
      }
      self.metadata = metadata
      trustedRoot = try root.field("targets").field(Self.target).base64()
    } catch { throw MetadataFailure(.packMalformed, error.detail, place: error.place) }
  }

  /// The file. The same content gives the same bytes.
  public var bytes: [UInt8] {
    func text(_ text: String) -> String { "\"\(text)\"" }
    func base64(_ bytes: [UInt8]) -> String { text(Base64.encode(bytes)) }
    let files = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "    \(text($0.key)): \(base64($0.value))" }
    let lines = [
      "{", "  \"mediaType\": \(text(Self.mediaType)),", "  \"refreshed\": \(text(refreshed.rfc3339)),",
      "  \"roots\": [",
      roots.map { "    " + base64($0) }.joined(separator: ",\n"), "  ],", "  \"metadata\": {",
      files.joined(separator: ",\n"), "  },", "  \"targets\": {", "    \(text(Self.target)): \(base64(trustedRoot))",
      "  }", "}", "",
    ]
    return Array(lines.joined(separator: "\n").utf8)
  }
}

/// Evidence that a pack's trusted root is the one that its repository's keys vouch for. Only `init` makes one.
///
/// Not checked: that it is the newest. Metadata that has expired meanwhile is believed, and `freshUntil` says since when it is stale.
public struct VerifiedPack: Sendable {
  /// With every root that is known, so that older builds can follow the chain, and no later time than its signers allow.
  public let pack: TrustPack
  /// Version and expiry; the four top-level roles first, then those that led to the trusted root.
  public let roles: [RoleState]
  /// When all of it was fresh for the last time that is known. The pack's own word, but never later than the first expiry: a pack
  /// cannot make itself younger than its signers allow.
  public let refreshed: UnixTime
  /// When the first of its metadata expires.
  public let freshUntil: UnixTime

  /// Whether versions stand in the names of its files.
  public let hasConsistentSnapshots: Bool

  /// - Parameter roots: believed beforehand, the newest last. Roots of the pack must connect to it.
  public init(_ pack: TrustPack, roots: [[UInt8]]) throws(MetadataFailure) {
    guard let root = roots.last else { throw MetadataFailure(.fileMissing, "no root to begin with") }
    var trusted = try TrustedMetadata(root: root, expiry: .unsafelyIgnored)
    try trusted.update(rootChain: pack.roots)
    try trusted.update(timestamp: pack.file("timestamp"))
    try trusted.update(snapshot: pack.file("snapshot"))
    try trusted.update(targets: pack.file("targets"))
    try Self.find(TrustPack.target, in: &trusted, pack).check(pack.trustedRoot)
    roles = trusted.roles
    hasConsistentSnapshots = trusted.hasConsistentSnapshots
    let ends = roles.compactMap(\.expires)
    guard ends.count == roles.count, let first = ends.min() else {
      throw MetadataFailure(.malformed, "the time of an expiry")
    }
    freshUntil = first
    refreshed = min(pack.refreshed, first)
    self.pack = TrustPack(
      refreshed: refreshed, roots: roots + trusted.newRoots, metadata: pack.metadata, trustedRoot: pack.trustedRoot)
  }

  private static func find(
    _ path: String, in trusted: inout TrustedMetadata, _ pack: TrustPack
  ) throws(MetadataFailure) -> TargetDescription {
    var search = TargetSearch(path: path)
    while let role = search.next() {
      if let delegator = role.delegator {
        try trusted.update(targets: pack.file(role.name), role: role.name, delegator: delegator)
      }
      if let target = try search.look(in: role, of: trusted) { return target }
    }
    throw MetadataFailure(.fileMissing, place: path)
  }

  public var versions: RepositoryVersions {
    func version(_ role: String) -> Int { roles.first { $0.name == role }?.version ?? 0 }
    return RepositoryVersions(root: version("root"), timestamp: version("timestamp"))
  }
}

/// How far a repository has come. A new root may begin the count of timestamps anew.
public struct RepositoryVersions: Sendable, Hashable, Comparable {
  public let root: Int
  public let timestamp: Int

  public init(root: Int, timestamp: Int) {
    self.root = root
    self.timestamp = timestamp
  }

  public static func < (left: Self, right: Self) -> Bool { (left.root, left.timestamp) < (right.root, right.timestamp) }
}

extension TrustPack {
  /// Nil where it holds none. Not verified.
  public func file(_ file: MetadataFile) -> [UInt8]? {
    switch file {
    case .role: metadata[file.name]
    case .root(let version): roots.first { (try? RootMetadata(parsing: $0).version) == version }
    }
  }

  fileprivate func file(_ role: String) throws(MetadataFailure) -> [UInt8] {
    let file = MetadataFile.role(role)
    guard let bytes = self.file(file) else { throw MetadataFailure(.fileMissing, place: file.name) }
    return bytes
  }
}
