public import WireCoding

/// What is believed of a TUF repository, as a state machine without I/O (TUF specification 1.0.34, section 5: the client's workflow).
///
/// Files are offered in the order root, timestamp, snapshot, targets, delegated roles; each is believed only if the one before it says so,
/// and a file that is refused changes nothing. Fetching, storing and the search through delegations are the caller's part.
public struct TrustedMetadata: Sendable {
  /// What is done about metadata that has expired.
  public enum ExpiryRule: Sendable, Hashable {
    /// Judged throughout by the time when the update began.
    case enforced(at: UnixTime)
    /// For what was fresh once and is read again without a network: the caller says how old it is.
    case unsafelyIgnored
  }

  private let expiry: ExpiryRule
  private var root: RootMetadata
  private var timestamp: ListingMetadata?
  private var snapshot: ListingMetadata?
  /// By role; to Swift two texts in different Unicode forms are equal, and two roles are not.
  private var targets: [JSONName: (role: String, metadata: TargetsMetadata)] = [:]

  public var rootVersion: Int { root.version }
  public var timestampVersion: Int? { timestamp?.version }
  public var snapshotVersion: Int? { snapshot?.version }
  public var targetsVersion: Int? { targets[JSONName("targets")]?.metadata.version }

  /// As far as they are believed, the four top-level roles first: version, and when each expires. Nil for a time that cannot be read,
  /// which no check has asked for.
  public var roles: [RoleState] {
    let delegated = targets.values.filter { !$0.role.utf8.elementsEqual("targets".utf8) }
      .sorted { $0.role.utf8.lexicographicallyPrecedes($1.role.utf8) }
    let files: [(String, SignedMetadata?)] =
      [
        ("root", root.file), ("timestamp", timestamp?.file), ("snapshot", snapshot?.file),
        ("targets", targets[JSONName("targets")]?.metadata.file),
      ] + delegated.map { ($0.role, $0.metadata.file) }
    return files.compactMap { name, file in
      file.map { RoleState(name: name, version: $0.version, expires: try? $0.expiry()) }
    }
  }

  /// The roots that were offered and believed, after the one that was believed beforehand.
  public private(set) var newRoots: [[UInt8]] = []

  /// What is believed of the other roles, by file name, as it was served.
  public var files: [String: [UInt8]] {
    var files = targets.values.map { (MetadataFile.role($0.role).name, $0.metadata.file.bytes) }
    if let timestamp { files.append((MetadataFile.role("timestamp").name, timestamp.file.bytes)) }
    if let snapshot { files.append((MetadataFile.role("snapshot").name, snapshot.file.bytes)) }
    return Dictionary(files) { first, _ in first }
  }

  public var hasConsistentSnapshots: Bool { root.hasConsistentSnapshots }

  /// - Parameter bytes: a root that is believed beforehand. It has to be signed by its own keys; that it has expired does not matter.
  public init(root bytes: [UInt8], expiry: ExpiryRule) throws(MetadataFailure) {
    let root = try RootMetadata(parsing: bytes)
    try root.keys(of: "root").check(root.file, role: "root")
    self.root = root
    self.expiry = expiry
  }

  private func checkExpiry(_ file: SignedMetadata, _ role: String) throws(MetadataFailure) {
    if case .enforced(let time) = expiry { try file.checkExpiry(at: time, role: role) }
  }

  /// For when no further root is offered: the newest has to be fresh.
  public func checkRootExpiry() throws(MetadataFailure) { try checkExpiry(root.file, "root") }

  /// Of several roots those that come after the one that is believed, in their order. Older ones are left alone, and the one of its own
  /// version has to say the same.
  public mutating func update(rootChain: [[UInt8]]) throws(MetadataFailure) {
    for bytes in rootChain {
      let offered = try RootMetadata(parsing: bytes)
      let version = offered.version
      guard version != rootVersion || offered.file.signedBytes == root.file.signedBytes else {
        throw MetadataFailure(.contentMismatch, "root \(version) is another one than the one that is believed")
      }
      guard version > rootVersion else { continue }
      guard version == rootVersion + 1 else {
        throw MetadataFailure(.chainGap, got: "root \(version)", want: "root \(rootVersion + 1)")
      }
      try update(root: bytes)
    }
  }

  /// The next root: signed by the keys of this one and by its own, and of the next version. Whether it has expired is judged once all
  /// roots were offered.
  public mutating func update(root bytes: [UInt8]) throws(MetadataFailure) {
    guard timestamp == nil else { throw MetadataFailure(.order, "a root after the timestamp") }
    let next = try RootMetadata(parsing: bytes)
    try root.keys(of: "root").check(next.file, role: "root, by the keys of version \(root.version)")
    guard next.version == root.version + 1 else {
      throw MetadataFailure(.versionMismatch, "root", got: "\(next.version)", want: "\(root.version + 1)")
    }
    try next.keys(of: "root").check(next.file, role: "root, by its own keys")
    root = next
    newRoots.append(bytes)
  }

  /// - Returns: false for the version that is believed already: it is kept, whatever the new file holds.
  ///
  /// A file that has expired is believed, so that older ones are known for older, and then refused by `expired`.
  @discardableResult
  public mutating func update(timestamp bytes: [UInt8]) throws(MetadataFailure) -> Bool {
    guard snapshot == nil else { throw MetadataFailure(.order, "a timestamp after the snapshot") }
    try checkRootExpiry()
    let file = try SignedMetadata(parsing: bytes, type: "timestamp", limit: MetadataLimits.timestamp)
    try root.keys(of: "timestamp").check(file, role: "timestamp")
    let next = try ListingMetadata(file)
    let description = try Self.snapshotDescription(next)
    if let current = timestamp {
      guard next.version >= current.version else {
        throw MetadataFailure(.rollback, "timestamp", got: "\(next.version)", want: "\(current.version) or later")
      }
      if next.version == current.version { return false }
      let known = try Self.snapshotDescription(current).version
      guard description.version >= known else {
        throw MetadataFailure(.rollback, "snapshot", got: "\(description.version)", want: "\(known) or later")
      }
    }
    timestamp = next
    try checkExpiry(next.file, "timestamp")
    return true
  }

  private static func snapshotDescription(_ timestamp: ListingMetadata) throws(MetadataFailure) -> MetadataDescription {
    guard let description = timestamp.descriptions[JSONName("snapshot.json")], timestamp.descriptions.count == 1 else {
      throw MetadataFailure(.malformed, "timestamp: meta holds something else than snapshot.json")
    }
    return description
  }

  /// What the timestamp says of the snapshot.
  public func wantedSnapshot() throws(MetadataFailure) -> MetadataDescription {
    guard let timestamp else { throw MetadataFailure(.order, "no timestamp") }
    try checkExpiry(timestamp.file, "timestamp")
    return try Self.snapshotDescription(timestamp)
  }

  /// Whether these are the very bytes that the timestamp names, or it names none.
  public func isNamed(snapshot bytes: [UInt8]) -> Bool {
    (try? wantedSnapshot().check(bytes, role: "snapshot")) != nil
  }

  /// - Parameter isCached: believed in an earlier update, so that today's timestamp need not name its bytes. It still has to be of the
  ///   version that the timestamp names before targets are believed.
  public mutating func update(snapshot bytes: [UInt8], isCached: Bool = false) throws(MetadataFailure) {
    guard targets.isEmpty else { throw MetadataFailure(.order, "a snapshot after the targets") }
    let wanted = try wantedSnapshot()
    if !isCached { try wanted.check(bytes, role: "snapshot") }
    let file = try SignedMetadata(parsing: bytes, type: "snapshot", limit: MetadataLimits.snapshot)
    try root.keys(of: "snapshot").check(file, role: "snapshot")
    let next = try ListingMetadata(file)
    for (name, known) in snapshot?.descriptions ?? [:] {
      guard let offered = next.descriptions[name] else {
        throw MetadataFailure(.rollback, "the snapshot no longer names \(name.text)")
      }
      guard offered.version >= known.version else {
        throw MetadataFailure(.rollback, name.text, got: "\(offered.version)", want: "\(known.version) or later")
      }
    }
    snapshot = next
    try checkSnapshot()
  }

  private func checkSnapshot() throws(MetadataFailure) {
    guard let snapshot else { throw MetadataFailure(.order, "no snapshot") }
    try checkExpiry(snapshot.file, "snapshot")
    let wanted = try wantedSnapshot().version
    guard snapshot.version == wanted else {
      throw MetadataFailure(.versionMismatch, "snapshot", got: "\(snapshot.version)", want: "\(wanted)")
    }
  }

  /// What the snapshot says of a role's targets file; `targets` is the top one.
  public func wantedTargets(role: String) throws(MetadataFailure) -> MetadataDescription {
    try checkSnapshot()
    guard let description = snapshot?.descriptions[JSONName(role + ".json")] else {
      throw MetadataFailure(.malformed, "the snapshot does not name \(role)")
    }
    return description
  }

  /// - Parameter delegator: the role that delegates to this one; nil for the top role, `targets`. A role that several delegate to is
  ///   offered anew for each: it has to be signed as that delegator says.
  public mutating func update(
    targets bytes: [UInt8], role: String = "targets", delegator: String? = nil
  ) throws(MetadataFailure) {
    let keys: RoleKeys
    if let delegator {
      guard let role = targets[JSONName(delegator)]?.metadata.delegations.role(named: role) else {
        throw MetadataFailure(.order, "\(delegator) does not delegate to \(role)")
      }
      keys = role.keys
    } else {
      keys = try root.keys(of: "targets")
    }
    let wanted = try wantedTargets(role: role)
    try wanted.check(bytes, role: role)
    let file = try SignedMetadata(parsing: bytes, type: "targets", limit: MetadataLimits.targets)
    try keys.check(file, role: role)
    let next = try TargetsMetadata(file)
    guard next.version == wanted.version else {
      throw MetadataFailure(.versionMismatch, role, got: "\(next.version)", want: "\(wanted.version)")
    }
    try checkExpiry(next.file, role)
    targets[JSONName(role)] = (role, next)
  }

  /// What a role that is believed says of a file, and to whom it hands the question on, in the order of the search.
  public func look(
    for path: String, in role: String
  ) throws(MetadataFailure) -> (target: TargetDescription?, delegated: [(role: String, isTerminating: Bool)]) {
    guard let metadata = targets[JSONName(role)]?.metadata else {
      throw MetadataFailure(.order, "\(role) is not believed yet")
    }
    let delegated = try metadata.delegations.roles(for: path).map { ($0.name, $0.isTerminating) }
    return (metadata.targets[JSONName(path)], delegated)
  }
}
