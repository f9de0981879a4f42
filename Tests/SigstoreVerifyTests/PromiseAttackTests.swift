import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Log proofs: the promise and its time")
struct PromiseAttackTests {
  enum BadPromise: CaseIterable, Sendable {
    case lastByte, firstByte, empty, otherIndex, otherTime, otherLogID, otherBody, otherKey, timeInBundle, indexInBundle
  }

  private static func text(_ material: SignedMaterial, logID: [UInt8]) -> [UInt8] {
    Array(
      (#"{"body":"\#(Encoding.base64(material.body))","integratedTime":\#(material.integratedTime),"#
        + #""logID":"\#(Encoding.hex(logID))","logIndex":\#(material.globalIndex)}"#).utf8)
  }

  private static func spoil(_ material: inout SignedMaterial, _ how: BadPromise, _ world: World) {
    let rekor = world.sigstore.rekor
    let (index, time) = (material.globalIndex, material.integratedTime)
    switch how {
    case .lastByte: material.promise = flipped(material.promise)
    case .firstByte: material.promise[0] ^= 1
    case .empty: material.promise = [0x30, 0x00]
    case .otherIndex:
      material.promise = rekor.promise(body: material.body, integratedTime: time, globalIndex: index + 1)
    case .otherTime:
      material.promise = rekor.promise(body: material.body, integratedTime: time + 1, globalIndex: index)
    case .otherLogID:
      let other = VirtualRekor(seed: "another log")
      material.promise = rekor.key.sign(text(material, logID: other.logID))
    case .otherBody:
      material.promise = rekor.promise(body: material.body + [0x0a], integratedTime: time, globalIndex: index)
    case .otherKey:
      material.promise = VirtualKey(.p256, seed: "another log").sign(text(material, logID: rekor.logID))
    case .timeInBundle: material.integratedTime += 1
    case .indexInBundle: material.globalIndex += 1
    }
  }

  @Test(
    "case 14: broken promise; promise over another index, time, log or body", arguments: Shape.allCases,
    BadPromise.allCases)
  func brokenPromise(shape: Shape, how: BadPromise) throws {
    var world = World()
    var material = world.sign()
    try world.judge(shape.render(material)).expect(Answer.accepted, at: nil)
    Self.spoil(&material, how, world)
    try world.judge(shape.render(material)).expect("log.promiseInvalid", at: .log)
  }

  @Test("case 14: a broken promise is refused although no time is needed", arguments: Shape.allCases)
  func brokenPromiseOfManagedKey(shape: Shape) throws {
    var world = World()
    var material = world.signWithManagedKey()
    material.promise = flipped(material.promise)
    try world.judge(shape.render(material)).expect("log.promiseInvalid", at: .log)
  }

  @Test("case 14: a promise without the time that it is over", arguments: Shape.protobuf)
  func promiseWithoutTime(shape: Shape) throws {
    var world = World()
    var draft = shape.render(world.sign())
    draft["verificationMaterial.tlogEntries.0.integratedTime"] = nil
    try world.judge(draft).expect("log.promiseInvalid", at: .log)
  }

  @Test("case 15: an integrated time without a promise is no time", arguments: Shape.withProof)
  func timeWithoutPromise(shape: Shape) throws {
    var world = World()
    var draft = shape.render(world.sign())
    for absent in [nil, JSONDraft.raw("null"), .object([])] {
      draft["verificationMaterial.tlogEntries.0.inclusionPromise"] = absent
      let answer = try world.judge(draft)
      answer.expect("times.none", at: .times)
      #expect(answer.failure?.detail == "the entry's integrated time is not signed")
    }
  }

  @Test("case 15: shapes that rest on the promise are refused without it")
  func promiseMissing() throws {
    var world = World()
    let material = world.sign()
    var legacy = material.legacyBundle
    legacy["rekorBundle.SignedEntryTimestamp"] = nil
    try world.judge(legacy).expect("log.promiseMissing", at: .log)
    var first = material.bundle(.v0_1)
    first["verificationMaterial.tlogEntries.0.inclusionPromise"] = nil
    try world.judge(first).expect("log.promiseMissing", at: .log)
  }

  @Test("case 16: integrated time 1 s in the future is refused, the very second is accepted", arguments: Shape.allCases)
  func future(shape: Shape) throws {
    var world = World()
    let draft = shape.render(world.sign())
    world.clock = world.sigstore.now
    try world.judge(draft).expect(Answer.accepted, at: nil)
    world.clock -= 1
    try world.judge(draft).expect("times.inFuture", at: .times)
  }

  @Test("case 16: a managed key's logged time must not lie in the future either", arguments: Shape.allCases)
  func futureOfManagedKey(shape: Shape) throws {
    var world = World()
    let draft = shape.render(world.signWithManagedKey())
    world.clock = world.sigstore.now - 1
    try world.judge(draft).expect("times.inFuture", at: .times)
  }

  // MARK: The log's key and its window

  private static func window(_ start: String?, _ end: String?) -> JSONDraft {
    .object([("start", start), ("end", end)].compactMap { name, time in time.map { (name, .text($0)) } })
  }

  struct Window: Sendable, CustomTestStringConvertible {
    let start: String
    let end: String?
    let code: String
    var testDescription: String { "\(start) to \(end ?? "open") -> \(code)" }
  }

  /// Signed at 2023-11-14T22:13:20Z.
  static let windows = [
    Window(start: "2023-11-14T22:13:20Z", end: nil, code: Answer.accepted),
    Window(start: "2023-11-14T22:13:20Z", end: "2023-11-14T22:13:20Z", code: Answer.accepted),
    Window(start: "2021-01-01T00:00:00Z", end: "2023-11-14T22:13:20Z", code: Answer.accepted),
    Window(start: "2021-01-01T00:00:00Z", end: "2023-11-14T22:13:19Z", code: "log.keyNotValid"),
    Window(start: "2021-01-01T00:00:00Z", end: "2023-11-14T22:13:19.999Z", code: "log.keyNotValid"),
    Window(start: "2023-11-14T22:13:21Z", end: nil, code: "log.keyNotValid"),
    Window(start: "2023-11-14T22:13:20.001Z", end: nil, code: "log.keyNotValid"),
  ]

  @Test("case 21: time outside the log key's window; both ends are inclusive", arguments: Shape.allCases, windows)
  func keyWindow(shape: Shape, window: Window) throws {
    var world = World()
    let draft = shape.render(world.sign())
    world.editRoot = { $0["tlogs.0.publicKey.validFor"] = Self.window(window.start, window.end) }
    try world.judge(draft).expect(window.code, at: window.code == Answer.accepted ? nil : .log)
  }

  @Test("case 21: the same key listed twice: either window may hold the time")
  func keyListedTwice() throws {
    var world = World()
    let draft = world.sign().bundle()
    world.editRoot = { root in
      guard let log = root["tlogs.0"] else { return }
      var (before, after) = (log, log)
      before["publicKey.validFor"] = Self.window("2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z")
      after["publicKey.validFor"] = Self.window("2023-01-01T00:00:00Z", nil)
      root["tlogs"] = .array([before, after])
    }
    try world.judge(draft).expect(Answer.accepted, at: nil)
  }

  @Test("case 21: a window without a start, or no window", arguments: [nil, window(nil, "2030-01-01T00:00:00Z")])
  func windowWithoutStart(window: JSONDraft?) {
    var world = World()
    world.editRoot = { $0["tlogs.0.publicKey.validFor"] = window }
    let failure = #expect(throws: (any Error).self) { try world.trustedRoot }
    #expect("\(failure.map { "\($0)" } ?? "")".contains("rootMalformed"))
  }

  // MARK: Two logs

  private static func twoLogs() -> (World, VirtualRekor) {
    var world = World()
    let other = VirtualRekor(host: "second.virtual.test", seed: "second")
    world.editRoot = { root in
      guard let mine = root["tlogs.0"] else { return }
      var theirs = mine
      theirs["baseUrl"] = .text("https://" + other.host)
      theirs["publicKey.rawBytes"] = .base64(other.key.subjectPublicKeyInfo)
      theirs["logId.keyId"] = .base64(other.logID)
      root["tlogs"] = .array([mine, theirs])
    }
    return (world, other)
  }

  @Test("case 24: the entry names one trusted log, another trusted log made the promise", arguments: Shape.allCases)
  func promiseOfOtherLog(shape: Shape) throws {
    var (world, other) = Self.twoLogs()
    var material = world.sign()
    try world.judge(shape.render(material)).expect(Answer.accepted, at: nil)
    let genuine = material
    material.promise = other.promise(
      body: material.body, integratedTime: material.integratedTime, globalIndex: material.globalIndex)
    try world.judge(shape.render(material)).expect("log.promiseInvalid", at: .log)
    other.append(material.body)
    material = genuine
    material.logID = other.logID
    try world.judge(shape.render(material)).expect("log.promiseInvalid", at: .log)
  }

  @Test("case 24: the promise is the named log's, the checkpoint another trusted log's", arguments: Shape.protobuf)
  func checkpointOfOtherLog(shape: Shape) throws {
    var (world, other) = Self.twoLogs()
    var material = world.sign()
    let index = other.append(material.body)
    material.shardIndex = index
    material.treeSize = UInt64(other.leaves.count)
    material.rootHash = other.root()
    material.hashes = other.path(index)
    material.checkpoint = other.checkpoint()
    try world.judge(shape.render(material)).expect("log.checkpointUntrusted", at: .log)
  }
}
