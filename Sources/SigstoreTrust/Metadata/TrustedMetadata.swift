public import WireCoding

/// What is believed of a TUF repository, as a state machine without I/O (TUF specification 1.0.34, section 5: the client's workflow).
///
/// Files are offered in the order root, timestamp, snapshot, targets, delegated roles; each is believed only if the one before it says so,
/// and a file that is refused changes nothing. Fetching, storing and the search through delegations are the caller's part.
public struct TrustedMetadata: Sendable {
  /// When the update began; what expires is judged by it throughout.
  public let start: UnixTime
  private var root: RootMetadata
  private var timestamp: ListingMetadata?
  private var snapshot: ListingMetadata?
  private var targets: [String: TargetsMetadata] = [:]

  public var rootVersion: Int { root.version }
  public var timestampVersion: Int? { timestamp?.version }
  public var snapshotVersion: Int? { snapshot?.version }
  public var hasConsistentSnapshots: Bool { root.hasConsistentSnapshots }

  /// - Parameter bytes: a root that is believed beforehand. It has to be signed by its own keys; that it has expired does not matter.
  public init(root bytes: [UInt8], at start: UnixTime) throws(MetadataFailure) {
    let root = try RootMetadata(parsing: bytes)
    try root.keys(of: "root").check(root.file, role: "root")
    self.root = root
    self.start = start
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
  }

  /// - Returns: false for the version that is believed already: it is kept, whatever the new file holds.
  ///
  /// A file that has expired is believed, so that older ones are known for older, and then refused by `expired`.
  @discardableResult
  public mutating func update(timestamp bytes: [UInt8]) throws(MetadataFailure) -> Bool {
    guard snapshot == nil else { throw MetadataFailure(.order, "a timestamp after the snapshot") }
    try root.file.checkExpiry(at: start, role: "root")
    let next = try ListingMetadata(parsing: bytes, type: "timestamp", limit: MetadataLimits.timestamp)
    try root.keys(of: "timestamp").check(next.file, role: "timestamp")
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
    try next.file.checkExpiry(at: start, role: "timestamp")
    return true
  }

  private static func snapshotDescription(_ timestamp: ListingMetadata) throws(MetadataFailure) -> MetadataDescription {
    guard let description = timestamp.descriptions["snapshot.json"], timestamp.descriptions.count == 1 else {
      throw MetadataFailure(.malformed, "timestamp: meta holds something else than snapshot.json")
    }
    return description
  }

  /// What the timestamp says of the snapshot.
  public func wantedSnapshot() throws(MetadataFailure) -> MetadataDescription {
    guard let timestamp else { throw MetadataFailure(.order, "no timestamp") }
    try timestamp.file.checkExpiry(at: start, role: "timestamp")
    return try Self.snapshotDescription(timestamp)
  }

  /// - Parameter isCached: believed in an earlier update, so that today's timestamp need not name its bytes. It still has to be of the
  ///   version that the timestamp names before targets are believed.
  public mutating func update(snapshot bytes: [UInt8], isCached: Bool = false) throws(MetadataFailure) {
    guard targets.isEmpty else { throw MetadataFailure(.order, "a snapshot after the targets") }
    let wanted = try wantedSnapshot()
    if !isCached { try wanted.check(bytes, role: "snapshot") }
    let next = try ListingMetadata(parsing: bytes, type: "snapshot", limit: MetadataLimits.snapshot)
    try root.keys(of: "snapshot").check(next.file, role: "snapshot")
    for (name, known) in snapshot?.descriptions ?? [:] {
      guard let offered = next.descriptions[name] else {
        throw MetadataFailure(.rollback, "the snapshot no longer names \(name)")
      }
      guard offered.version >= known.version else {
        throw MetadataFailure(.rollback, name, got: "\(offered.version)", want: "\(known.version) or later")
      }
    }
    snapshot = next
    try checkSnapshot()
  }

  private func checkSnapshot() throws(MetadataFailure) {
    guard let snapshot else { throw MetadataFailure(.order, "no snapshot") }
    try snapshot.file.checkExpiry(at: start, role: "snapshot")
    let wanted = try wantedSnapshot().version
    guard snapshot.version == wanted else {
      throw MetadataFailure(.versionMismatch, "snapshot", got: "\(snapshot.version)", want: "\(wanted)")
    }
  }

  /// What the snapshot says of a role's targets file; `targets` is the top one.
  public func wantedTargets(role: String) throws(MetadataFailure) -> MetadataDescription {
    try checkSnapshot()
    guard let description = snapshot?.descriptions[role + ".json"] else {
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
      guard let role = targets[delegator]?.delegations.roles.first(where: { $0.name.utf8.elementsEqual(role.utf8) })
      else { throw MetadataFailure(.order, "\(delegator) does not delegate to \(role)") }
      keys = role.keys
    } else {
      keys = try root.keys(of: "targets")
    }
    let wanted = try wantedTargets(role: role)
    try wanted.check(bytes, role: role)
    let next = try TargetsMetadata(parsing: bytes)
    try keys.check(next.file, role: role)
    guard next.version == wanted.version else {
      throw MetadataFailure(.versionMismatch, role, got: "\(next.version)", want: "\(wanted.version)")
    }
    try next.file.checkExpiry(at: start, role: role)
    targets[role] = next
  }

  /// What a role that is believed says of a file, and to whom it hands the question on, in the order of the search.
  public func look(
    for path: String, in role: String
  ) throws(MetadataFailure) -> (target: TargetDescription?, delegated: [(role: String, isTerminating: Bool)]) {
    guard let metadata = targets[role] else { throw MetadataFailure(.order, "\(role) is not believed yet") }
    let delegated = try metadata.delegations.roles(for: path).map { ($0.name, $0.isTerminating) }
    return (metadata.targets[path], delegated)
  }
}
