import RekorCheck
import SigstoreBundle
import SigstoreVerify
import Synchronization
import Testing
import VirtualSigstore
import WireCoding

/// What a log that is asked may add to material, and what it may not undo.
@Suite("A log that is asked")
final class AskedLogTests {
  private var world = World()
  private let material: SignedMaterial
  /// The same signature, logged once more: anybody can do that.
  private let again: SignedMaterial
  private let asked = Count()

  private final class Count: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func add() { number.withLock { $0 += 1 } }
  }

  init() {
    material = world.sign()
    var again = material
    again.integratedTime += 20
    again.globalIndex += 93
    again.promise = world.sigstore.rekor.promise(
      body: material.body, integratedTime: again.integratedTime, globalIndex: again.globalIndex)
    self.again = again
  }

  private static func entries(_ list: [SignedMaterial]) throws -> [LogEntry] {
    try LogAnswer.list(parsing: JSONDraft.array(list.map(\.logAnswer)).bytes).map(\.entry)
  }

  private func judge(
    _ bundle: Bundle, _ answers: [SignedMaterial], artifact: [UInt8] = World.artifact, observe: LogObservation? = nil
  ) throws -> (answer: Answer, bundle: Bundle) {
    let entries = try Self.entries(answers)
    let asked = asked
    let found = try world.verifier.verify(
      bundle, artifact: try digests(artifact), policy: try world.policy, at: UnixTime(seconds: world.clock),
      asking: { (_) throws(VerificationFailure) in
        asked.add()
        return entries
      }, observing: observe)
    return (Answer(found.verdict), found.bundle)
  }

  private var loose: Bundle {
    get throws { try Bundle(looseSignature: material.looseSignature, certificate: material.looseCertificate) }
  }

  private func legacy(_ edit: (inout SignedMaterial) -> Void = { _ in }) throws -> Bundle {
    var edited = material
    edit(&edited)
    return try Bundle(parsing: edited.legacyBundle.bytes)
  }

  private func deny(_ subject: DenyRule.Subject, window: TimeWindow = TimeWindow(start: nil, end: nil)) {
    world.editPolicy = {
      $0.requiresInclusionProof = true
      $0.denied = [DenyRule(subject, window: window, reason: "stolen")]
    }
  }

  // MARK: A cosign bundle

  @Test("a cosign bundle's no is final: no log is asked to make it good")
  func legacyIsFinal() throws {
    world.editPolicy = { $0.requiresInclusionProof = true }
    let stranger = VirtualSigstore(seed: "a stranger's").rekor
    let cases: [(String, Bundle, [UInt8])] = [
      ("log.promiseInvalid", try legacy { $0.promise[10] ^= 1 }, World.artifact),
      ("log.promiseInvalid", try legacy { $0.integratedTime += 1 }, World.artifact),
      ("log.unknown", try legacy { $0.logID = stranger.logID }, World.artifact),
      ("signature.mismatch", try legacy(), [1]),
    ]
    for (code, bundle, artifact) in cases {
      #expect(try judge(bundle, [material], artifact: artifact).answer.code == code)
    }
    var other = World()
    let foreign = other.sign([2])
    let about = try legacy {
      $0.body = foreign.body
      $0.promise = self.world.sigstore.rekor.promise(
        body: foreign.body, integratedTime: $0.integratedTime, globalIndex: $0.globalIndex)
    }
    try judge(about, [material]).answer.expect("entryBody.digestMismatch", at: .entryBody)
    #expect(asked.value == 0)
    let (answer, bundle) = try judge(try legacy(), [material])
    answer.expect(Answer.accepted, at: nil)
    #expect(bundle.origin == .lookedUp && asked.value == 1)
  }

  @Test("only the proof of a cosign bundle's own entry counts, not that of another one of the same signature")
  func ownEntry() throws {
    world.editPolicy = { $0.requiresInclusionProof = true }
    try judge(try legacy(), [again]).answer.expect("log.proofMissing", at: .log)
    let (answer, bundle) = try judge(try legacy(), [again, material])
    answer.expect(Answer.accepted, at: nil)
    #expect(bundle.logEntries.first?.logIndex == material.globalIndex)
  }

  // MARK: The deny list

  @Test("what is denied of a cosign bundle stays so, whatever the log gives")
  func deniedLegacy() throws {
    let start = UnixTime(seconds: material.integratedTime)
    for (subject, window) in [
      (DenyRule.Subject.logIndex(material.globalIndex, logID: nil), TimeWindow(start: nil, end: nil)),
      (.identity(VirtualSigstore.identity), TimeWindow(start: nil, end: start)),
    ] {
      deny(subject, window: window)
      for answers in [[again], [material, again], [again, material]] {
        try judge(try legacy(), answers).answer.expect("policy.denied", at: .denied)
      }
    }
  }

  @Test("of several entries of loose files one that is denied is final")
  func deniedLoose() throws {
    let start = UnixTime(seconds: material.integratedTime)
    for (subject, window) in [
      (DenyRule.Subject.logIndex(material.globalIndex, logID: nil), TimeWindow(start: nil, end: nil)),
      (.logIndex(again.globalIndex, logID: nil), TimeWindow(start: nil, end: nil)),
      (.identity(VirtualSigstore.identity), TimeWindow(start: nil, end: start)),
    ] {
      deny(subject, window: window)
      for answers in [[again, material], [material, again]] {
        try judge(try loose, answers).answer.expect("policy.denied", at: .denied)
      }
    }
    deny(.logIndex(7, logID: nil))
    try judge(try loose, [again, material]).answer.expect(Answer.accepted, at: nil)
  }

  @Test("an index that no log signed is named by every rule of its log")
  func unprovenIndex() throws {
    world.sigstore.addTimestampAuthority()
    let stamped = world.sign()
    var draft = stamped.bundle()
    draft["verificationMaterial.tlogEntries.0.inclusionPromise"] = nil
    draft["verificationMaterial.tlogEntries.0.logIndex"] = .text("424242")
    let accepted = try world.judge(draft)
    accepted.expect(Answer.accepted, at: nil)
    let facts = accepted.verdict?.trace.flatMap(\.facts).map(\.name) ?? []
    #expect(facts.contains("claimedLogIndex") && !facts.contains("logIndex"))
    deny(.logIndex(stamped.globalIndex, logID: stamped.logID))
    let denied = try world.judge(draft)
    denied.expect("policy.denied", at: .denied)
    #expect(denied.failure?.detail?.contains("no log signed this entry's index") == true)
    deny(.logIndex(stamped.globalIndex, logID: HashName.sha256([1])))
    try world.judge(draft).expect(Answer.accepted, at: nil)
    // Where the log signed it, it is what it says.
    deny(.logIndex(stamped.globalIndex + 1, logID: stamped.logID))
    try world.judge(stamped.bundle()).expect(Answer.accepted, at: nil)
  }

  @Test("a Rekor v2 entry's index is the proof's own")
  func tiledIndex() throws {
    world.sigstore.useTiledLog()
    let tiled = world.sign()
    deny(.logIndex(tiled.globalIndex + 1, logID: nil))
    try world.judge(tiled.bundle()).expect(Answer.accepted, at: nil)
    deny(.logIndex(tiled.globalIndex, logID: nil))
    try world.judge(tiled.bundle()).expect("policy.denied", at: .denied)
  }

  // MARK: What is told

  @Test("the trace ends with what the log was refused for, and with no other refusal")
  func trace() throws {
    let gone = VerificationFailure(.log, RekorFailure(.inconsistent, "a log", got: "a", want: "b"))
    let silent = try world.verifier.verify(
      try loose, artifact: try digests(World.artifact), policy: try world.policy, at: UnixTime(seconds: world.clock),
      asking: { (_) throws(VerificationFailure) in throw gone })
    let forked = try judge(try loose, [material], observe: { (_) throws(VerificationFailure) in throw gone }).answer
    for trace in [silent.verdict.trace, forked.verdict?.trace ?? []] {
      #expect(trace.filter { $0.result == .failed }.count == 1)
      #expect(trace.last?.step == .log && trace.last?.facts.map(\.value).contains(.text("log.inconsistent")) == true)
      #expect(trace.last?.facts.map(\.name) == ["code", "detail", "got", "want"])
    }
    forked.expect("log.inconsistent", at: .log)
  }

  @Test("a tree that was not seen before is told")
  func newTree() throws {
    for isNew in [true, false] {
      let answer = try judge(try loose, [material], observe: { _ in isNew }).answer
      answer.expect(Answer.accepted, at: nil)
      #expect(answer.cautions.contains(.newTree) == isNew)
    }
  }
}
