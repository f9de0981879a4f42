public import SigstoreBundle
public import WireCoding

/// Evidence that a trusted log holds an entry. Only `verifyLogEntries` makes one.
///
/// It does not yet say that the entry is about the signature at hand: that is `bind`.
public struct LoggedEntry: Sendable {
  /// What the log entry rests on.
  public struct Evidence: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// The log signed a promise to include the entry, with its time.
    public static let promise = Evidence(rawValue: 1)
    /// The entry was shown to be in a tree whose root the log signed.
    public static let inclusion = Evidence(rawValue: 2)
  }

  public let entry: LogEntry
  public let log: TransparencyLog
  public let evidence: Evidence
  /// Only where a promise over it was verified.
  public let integratedTime: UnixTime?
  /// Only where an inclusion proof led to it.
  public let checkpoint: Checkpoint?

  /// Whether `entry.logIndex` was shown: a Rekor v1 log signs it in the promise alone, since its proofs are about a shard; in a Rekor v2
  /// log it is the index that the proof is about.
  public var isIndexProven: Bool {
    evidence.contains(.promise) || log.isTiled && evidence.contains(.inclusion)
  }

  init(
    entry: LogEntry, log: TransparencyLog, evidence: Evidence, integratedTime: UnixTime?, checkpoint: Checkpoint?
  ) {
    self.entry = entry
    self.log = log
    self.evidence = evidence
    self.integratedTime = integratedTime
    self.checkpoint = checkpoint
  }
}

/// Evidence that a log entry is about one signature, one key and one digest. Only `bind` makes one.
public struct BoundEntry: Sendable {
  public let logged: LoggedEntry
  public let kind: EntryBody.Kind

  init(logged: LoggedEntry, kind: EntryBody.Kind) {
    self.logged = logged
    self.kind = kind
  }
}

extension LoggedEntry {
  /// Checks that the body names this content, this signature and this certificate or key (CVE-2022-23649, CVE-2026-22703).
  ///
  /// - Parameter acceptsDeprecated: takes a dsse 0.0.2, which current clients refuse.
  public func bind(_ facts: SignatureFacts, acceptsDeprecated: Bool = false) throws(RekorFailure) -> BoundEntry {
    let body = try EntryBody(of: entry)
    try body.checkNames(facts, acceptsDeprecated: acceptsDeprecated, place: entry.place)
    return BoundEntry(logged: self, kind: body.kind)
  }

  /// For an entry without an integrated time, the window of the log's key is judged at the trusted times instead; without any of
  /// those, as a managed key may have it, at `now`: a log that is out of use could otherwise be made to say anything for ever.
  public func checkKeyWindow(at times: [UnixTime], now: UnixTime) throws(RekorFailure) {
    for time in times.isEmpty ? [now] : times where integratedTime == nil && !log.validFor.contains(time) {
      throw RekorFailure(.keyNotValid, log.name, got: time.rfc3339, want: log.validFor.description, place: entry.place)
    }
  }
}
