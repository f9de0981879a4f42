import OpenSSLCrypto
public import SigstoreTrust
public import WireCoding
public import Transport

/// Why an update came to nothing. What had been verified before is kept; nothing unverified is stored.
public enum UpdateFailure: Error, Sendable, Hashable {
  case metadata(MetadataFailure)
  case transport(TransportFailure)
}

/// The loop of TUF's client workflow (specification 1.0.34, section 5): asks a source for the next file, has `TrustedMetadata` judge it,
/// and keeps what is believed.
///
/// A file that is kept saves its request where it is still the one that is wanted; else it sets what counts as older. One that is no
/// longer signed by the keys of today counts for nothing: that is how a repository recovers from a stolen key.
public struct RepositoryUpdate {
  private var trusted: TrustedMetadata
  private let source: any RepositorySource
  private let targetSource: (any RepositorySource)?
  private let store: any MetadataStore

  /// - Parameters:
  ///   - roots: believed beforehand, the newest last: embedded ones, or one that the operator names. Never one from the store.
  ///   - targets: for files that do not lie in the repository's own folder `targets/`.
  public init(
    roots: [[UInt8]], source: some RepositorySource, targets: (any RepositorySource)? = nil, store: some MetadataStore,
    expiry: TrustedMetadata.ExpiryRule
  ) throws(UpdateFailure) {
    self.source = source
    targetSource = targets
    self.store = store
    trusted = try judged { () throws(MetadataFailure) in
      guard let root = roots.last else { throw MetadataFailure(.fileMissing, "no root to begin with") }
      return try TrustedMetadata(root: root, expiry: expiry)
    }
  }

  public var metadata: TrustedMetadata { trusted }

  /// Roots, timestamp, snapshot and the top targets, in that order and with no request that is not needed.
  public mutating func refresh() throws(UpdateFailure) {
    try updateRoot()
    try updateTimestamp()
    try updateSnapshot()
    try updateTargets("targets", delegator: nil)
  }

  private mutating func updateRoot() throws(UpdateFailure) {
    while store.load(.root(version: trusted.rootVersion + 1)).contains(where: { kept in
      (try? trusted.update(root: kept)) != nil
    }) {}
    var count = 0
    while true {
      let file = MetadataFile.root(version: trusted.rootVersion + 1)
      guard let bytes = try fetch(file.name, limit: MetadataLimits.root) else {
        return try judged { () throws(MetadataFailure) in try trusted.checkRootExpiry() }
      }
      count += 1
      try judged { () throws(MetadataFailure) in
        // What was followed is kept: the next update goes on from there.
        guard count <= MetadataLimits.rootRotations else {
          throw MetadataFailure(.tooLarge, "new roots", got: "more", want: "at most \(MetadataLimits.rootRotations)")
        }
        try trusted.update(root: bytes)
        try store.save(file, bytes)
      }
    }
  }

  private mutating func updateTimestamp() throws(UpdateFailure) {
    // Whatever is wrong with the one that is kept, a new one is asked for.
    for kept in store.load(.role("timestamp")) { _ = try? trusted.update(timestamp: kept) }
    guard let bytes = try fetch("timestamp.json", limit: MetadataLimits.timestamp) else {
      throw missing("timestamp.json")
    }
    try judged { () throws(MetadataFailure) in
      if try trusted.update(timestamp: bytes) { try store.save(.role("timestamp"), bytes) }
      // One of the same version is not looked at, and the one that is kept may have expired meanwhile.
      _ = try trusted.wantedSnapshot()
    }
  }

  private mutating func updateSnapshot() throws(UpdateFailure) {
    for kept in store.load(.role("snapshot")) {
      do throws(MetadataFailure) {
        try trusted.update(snapshot: kept, isCached: true)
        // One of the same version that was signed anew is fetched; this one counts as what is not to be gone back from.
        if trusted.isNamed(snapshot: kept) { return }
      } catch {}
    }
    let wanted = try judged { () throws(MetadataFailure) in try trusted.wantedSnapshot() }
    let bytes = try metadata("snapshot", wanted, limit: MetadataLimits.snapshot)
    try judged { () throws(MetadataFailure) in
      try trusted.update(snapshot: bytes)
      try store.save(.role("snapshot"), bytes)
    }
  }

  private mutating func updateTargets(_ role: String, delegator: String?) throws(UpdateFailure) {
    for kept in store.load(.role(role)) {
      do throws(MetadataFailure) {
        return try trusted.update(targets: kept, role: role, delegator: delegator)
      } catch {}
    }
    let wanted = try judged { () throws(MetadataFailure) in try trusted.wantedTargets(role: role) }
    let bytes = try metadata(role, wanted, limit: MetadataLimits.targets)
    try judged { () throws(MetadataFailure) in
      try trusted.update(targets: bytes, role: role, delegator: delegator)
      try store.save(.role(role), bytes)
    }
  }

  // MARK: Files

  /// What the repository says of a file; nil where it names none of that path.
  public mutating func target(_ path: String) throws(UpdateFailure) -> TargetDescription? {
    var search = TargetSearch(path: path)
    while let role = search.next() {
      if let delegator = role.delegator { try updateTargets(role.name, delegator: delegator) }
      let trusted = trusted
      if let target = try judged({ () throws(MetadataFailure) in try search.look(in: role, of: trusted) }) {
        return target
      }
    }
    return nil
  }

  /// The file itself, as its description says. With consistent snapshots its name begins with its hash.
  public func download(_ target: TargetDescription) throws(UpdateFailure) -> [UInt8] {
    let parts = try judged { () throws(MetadataFailure) in try target.safeParts() }
    var segments = parts.map { PathSegment.encoded($0) }
    if trusted.hasConsistentSnapshots, let digest = target.digests.first, let last = segments.popLast() {
      segments.append("\(Hex.encode(digest.bytes)).\(last)")
    }
    let path = segments.joined(separator: "/")
    let bytes =
      if let targetSource {
        try fetched(targetSource, path, limit: target.length)
      } else {
        try fetch("targets/" + path, limit: target.length)
      }
    guard let bytes else { throw missing(target.path) }
    try judged { () throws(MetadataFailure) in try target.check(bytes) }
    return bytes
  }

  // MARK: Requests

  private func metadata(
    _ role: String, _ wanted: MetadataDescription, limit: Int
  ) throws(UpdateFailure) -> [UInt8] {
    let file = MetadataFile.role(role).name
    let name = trusted.hasConsistentSnapshots ? "\(wanted.version).\(file)" : file
    guard let bytes = try fetch(name, limit: min(limit, wanted.length ?? limit)) else { throw missing(name) }
    return bytes
  }

  private func fetch(_ path: String, limit: Int) throws(UpdateFailure) -> [UInt8]? {
    try fetched(source, path, limit: limit)
  }

  private func fetched(_ source: any RepositorySource, _ path: String, limit: Int) throws(UpdateFailure) -> [UInt8]? {
    do throws(TransportFailure) { return try source.file(path, limit: limit) } catch { throw .transport(error) }
  }

  private func missing(_ name: String) -> UpdateFailure { .metadata(MetadataFailure(.fileMissing, place: name)) }
}

private func judged<T>(_ body: () throws(MetadataFailure) -> T) throws(UpdateFailure) -> T {
  do throws(MetadataFailure) { return try body() } catch { throw .metadata(error) }
}
