import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Was it logged")
struct LogCheckTests {
  private let world = LogWorld()

  @Test("a good entry of every shape is accepted, and says what it rests on")
  func accepted() throws {
    let logs = [try world.log()]
    for version in SignedMaterial.Version.allCases {
      let result = try verifyLogEntries(of: world.bundle(version), logs: logs)
      #expect(result.verified.map(\.evidence) == [[.promise, .inclusion]])
      #expect(result.verified.first?.integratedTime == UnixTime(seconds: world.material.integratedTime))
    }
    let legacy = try verifyLogEntries(of: Bundle(parsing: world.material.legacyBundle.bytes), logs: logs)
    #expect(legacy.verified.map(\.evidence) == [.promise])
  }

  @Test("case 14: a promise over another time or index, or with a broken signature, is refused")
  func promise() throws {
    for (field, value) in [
      ("integratedTime", JSONDraft.text("1700000001")), ("logIndex", .text("7")),
      ("inclusionPromise.signedEntryTimestamp", .base64(world.world.rekor.key.sign([1]))),
      ("inclusionPromise.signedEntryTimestamp", .base64([1, 2, 3])), ("integratedTime", .text("0")),
    ] {
      let bundle = try world.bundle { $0["\(firstEntry).\(field)"] = value }
      #expect(try world.code(of: bundle) == .promiseInvalid, "\(field)")
    }
  }

  @Test("case 15: an integrated time without a promise is no time")
  func unsignedTime() throws {
    let bundle = try world.bundle { $0["\(firstEntry).inclusionPromise"] = nil }
    let result = try verifyLogEntries(of: bundle, logs: [try world.log()])
    #expect(result.verified.map(\.evidence) == [.inclusion])
    #expect(result.verified.first?.integratedTime == nil)
  }

  @Test("case 17: a proof changed, cut, stretched or of another index is refused")
  func proof() throws {
    let hashes = world.material.hashes
    var changed = hashes
    changed[0][5] ^= 0x80
    let drafts: [(String, JSONDraft, RekorCode)] = [
      ("hashes", .array(changed.map { .base64($0) }), .rootMismatch),
      ("hashes", .array(hashes.dropLast().map { .base64($0) }), .proofLength),
      ("hashes", .array((hashes + [hashes[0]]).map { .base64($0) }), .proofLength),
      ("hashes", .array(hashes.reversed().map { .base64($0) }), .rootMismatch),
      ("logIndex", .text("\(world.material.shardIndex ^ 1)"), .rootMismatch),
      ("logIndex", .text("\(world.material.treeSize)"), .proofLength),
    ]
    for (field, value, code) in drafts {
      let bundle = try world.bundle { $0["\(firstEntry).inclusionProof.\(field)"] = value }
      #expect(try world.code(of: bundle) == code, "\(field)")
    }
  }

  @Test("case 18: a proof whose root or size is not the checkpoint's is refused")
  func disagreement() throws {
    let proof = "\(firstEntry).inclusionProof"
    let root = try world.bundle { $0["\(proof).rootHash"] = .base64([UInt8](repeating: 7, count: 32)) }
    #expect(try world.code(of: root) == .rootMismatch)
    let size = try world.bundle { $0["\(proof).treeSize"] = .text("\(world.material.treeSize + 1)") }
    #expect(try world.code(of: size) == .sizeMismatch)
  }

  @Test("case 20: each shape must carry the evidence that it owes")
  func required() throws {
    let cases: [(SignedMaterial.Version, String, RekorCode?)] = [
      (.v0_1, "inclusionPromise", .promiseMissing), (.v0_1, "inclusionProof", nil),
      (.v0_1, "inclusionProof.checkpoint", nil), (.v0_3Old, "inclusionProof", .proofMissing),
      (.v0_2, "inclusionProof", .proofMissing), (.v0_3, "inclusionProof", .proofMissing),
      (.v0_2, "inclusionProof.checkpoint", .checkpointMissing),
      (.v0_3, "inclusionProof.checkpoint", .checkpointMissing),
      (.v0_2, "inclusionPromise", nil), (.v0_3, "inclusionPromise", nil),
    ]
    for (version, field, code) in cases {
      let bundle = try world.bundle(version) { $0["\(firstEntry).\(field)"] = nil }
      #expect(try world.code(of: bundle) == code, "\(version) without \(field)")
    }
    var legacy = world.material.legacyBundle
    legacy["rekorBundle.SignedEntryTimestamp"] = nil
    #expect(try world.code(of: Bundle(parsing: legacy.bytes)) == .promiseMissing)
    legacy["rekorBundle"] = nil
    #expect(try world.code(of: Bundle(parsing: legacy.bytes)) == .missing)
  }

  @Test("case 20: a proof without a checkpoint leads to a root that nobody signed, and is no evidence")
  func unsignedRoot() throws {
    let bundle = try world.bundle(.v0_1) { $0["\(firstEntry).inclusionProof.checkpoint"] = nil }
    let result = try verifyLogEntries(of: bundle, logs: [try world.log()])
    #expect(result.verified.map(\.evidence) == [.promise])
  }

  @Test("case 20: an entry beside loose files owes a promise", arguments: Bundle.Origin.allCases)
  func origins(origin: Bundle.Origin) throws {
    let good = try world.bundle()
    let entry = try #require(good.logEntries.first)
    func code(promise: Bool, proof: Bool) throws -> RekorCode? {
      let entry = LogEntry(
        place: "$", logIndex: entry.logIndex, logID: entry.logID, kindVersion: nil,
        integratedTime: entry.integratedTime, promise: promise ? entry.promise : nil,
        proof: proof ? entry.proof : nil, canonicalizedBody: entry.canonicalizedBody)
      return try world.code(
        of: Bundle(
          origin: origin, keyMaterial: good.keyMaterial, logEntries: [entry], timestamps: [], content: good.content))
    }
    let owesPromise = [.legacyCosign, .looseFiles, .v0_1].contains(origin)
    #expect(try code(promise: true, proof: true) == nil)
    #expect(try code(promise: true, proof: false) == (owesPromise ? nil : .proofMissing))
    // Of a log that was asked, everything is due.
    let owesEither = owesPromise || origin == .lookedUp
    #expect(try code(promise: false, proof: true) == (owesEither ? .promiseMissing : nil))
    #expect(try code(promise: false, proof: false) == (owesEither ? .promiseMissing : .proofMissing))
  }

  @Test("case 21: the log's key must have been valid, its last second included")
  func window() throws {
    let time = world.material.integratedTime
    let cases: [(Int64?, Int64?, RekorCode?)] = [
      (time, time, nil), (time - 10, time, nil), (time, nil, nil), (time - 10, time - 1, .keyNotValid),
      (time + 1, nil, .keyNotValid),
    ]
    for (start, end, code) in cases {
      let window = TimeWindow(start: start.map { UnixTime(seconds: $0) }, end: end.map { UnixTime(seconds: $0) })
      #expect(try world.code(of: world.bundle(), logs: [world.log(window: window)]) == code)
    }
    let early = TimeWindow(start: UnixTime(seconds: 0), end: UnixTime(seconds: 1))
    let both = [try world.log(window: early), try world.log()]
    #expect(try world.code(of: world.bundle(), logs: both) == nil)
  }

  @Test("case 21: an entry without a signed time is judged by the other times")
  func windowAtOtherTimes() throws {
    let end = UnixTime(seconds: 1_700_000_000)
    let log = try world.log(window: TimeWindow(start: nil, end: end))
    let bundle = try world.bundle { $0["\(firstEntry).inclusionPromise"] = nil }
    let logged = try #require(try verifyLogEntries(of: bundle, logs: [log]).verified.first)
    let after = UnixTime(seconds: 1_700_000_001)
    #expect(throws: Never.self) { try logged.checkKeyWindow(at: [end], now: after) }
    let failure = #expect(throws: RekorFailure.self) { try logged.checkKeyWindow(at: [end, after], now: after) }
    #expect(failure?.code == .keyNotValid)
    // Without any time, the log has to be in use.
    #expect(throws: Never.self) { try logged.checkKeyWindow(at: [], now: end) }
    let retired = #expect(throws: RekorFailure.self) { try logged.checkKeyWindow(at: [], now: after) }
    #expect(retired?.code == .keyNotValid)
  }

  @Test("cases 22 and 23: copies are refused, every entry of a known log must verify, unknown logs do not count")
  func several() throws {
    let good = world.material.entry
    var bad = good
    bad["integratedTime"] = .text("1700000001")
    bad["logIndex"] = .text("5")
    var unknown = good
    unknown["logId.keyId"] = .base64([UInt8](repeating: 9, count: 32))
    let cases: [([JSONDraft], RekorCode?)] = [
      ([good, good], .duplicate), ([good, bad], .promiseInvalid), ([bad, good], .promiseInvalid),
      ([good, unknown], nil),
      ([unknown, good], nil), ([unknown], .unknown), ([], .missing),
    ]
    for (entries, code) in cases {
      let bundle = try world.bundle { $0["verificationMaterial.tlogEntries"] = .array(entries) }
      #expect(try world.code(of: bundle) == code)
    }
    #expect(try world.code(of: world.bundle(), minimum: 2) == .tooFew)
    let ignored = try world.bundle { $0["verificationMaterial.tlogEntries"] = .array([bad]) }
    #expect(try world.code(of: ignored, minimum: 0) == .promiseInvalid)
  }

  @Test("case 24: an entry that names log A and is signed by log B is refused")
  func otherLog() throws {
    let logs = [try world.log(key: VirtualKey(.p256, seed: "another log"))]
    #expect(try world.code(of: world.bundle(), logs: logs) == .promiseInvalid)
    let noPromise = try world.bundle { $0["\(firstEntry).inclusionPromise"] = nil }
    // The hint follows from the key, so the other log's own line is not even there.
    #expect(try world.code(of: noPromise, logs: logs) == .checkpointUntrusted)
  }

  @Test("case 54: a trusted root without logs trusts none")
  func noLogs() throws {
    #expect(try world.code(of: world.bundle(), logs: []) == .unknown)
  }
}
