import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

/// Two trusted logs that both hold the entry, and a third that nobody trusts.
@Suite("Several entries, several logs")
struct SeveralLogsTests {
  private let world = LogWorld()
  private let second: SignedMaterial
  private let secondLog: VirtualRekor
  private let stranger: SignedMaterial

  init() {
    func other(_ host: String) -> (VirtualSigstore, SignedMaterial) {
      var virtual = VirtualSigstore()
      virtual.rekor = VirtualRekor(host: host, seed: host, filler: 5)
      let material = virtual.sign(Array("logged".utf8))
      return (virtual, material)
    }
    let (virtual, material) = other("second.virtual.test")
    (secondLog, second) = (virtual.rekor, material)
    stranger = other("stranger.virtual.test").1
  }

  private func trusted(operator names: [String?] = [nil, nil], window: TimeWindow? = nil) throws -> [TransparencyLog] {
    [
      try world.log(operator: names[0]),
      try TransparencyLog(
        name: secondLog.host, logID: secondLog.logID,
        key: PublicKey(subjectPublicKeyInfo: secondLog.key.subjectPublicKeyInfo),
        validFor: window ?? TimeWindow(start: UnixTime(seconds: 0), end: nil), operator: names[1]),
    ]
  }

  private func code(
    _ entries: [JSONDraft], minimum: Int = 1, logs: [TransparencyLog]? = nil
  ) throws -> RekorCode? {
    let bundle = try world.bundle { $0["verificationMaterial.tlogEntries"] = .array(entries) }
    return try world.code(of: bundle, logs: logs ?? trusted(), minimum: minimum)
  }

  private func changed(_ entry: JSONDraft, _ field: String, _ value: JSONDraft?) -> JSONDraft {
    var entry = entry
    entry[field] = value
    return entry
  }

  @Test("case 22: two logs meet a threshold of two; one log twice and an unknown one do not")
  func threshold() throws {
    let (first, other) = (world.material.entry, second.entry)
    #expect(try code([first, other], minimum: 2) == nil)
    #expect(try code([other, first], minimum: 2) == nil)
    #expect(try code([first, other], minimum: 3) == .tooFew)
    #expect(try code([first], minimum: 2) == .tooFew)
    #expect(try code([first, stranger.entry], minimum: 2) == .tooFew)
    #expect(try code([stranger.entry], minimum: 2) == .unknown)
    var world = world.world
    let again = world.sign(Array("logged".utf8)).entry
    #expect(try code([first, again], minimum: 1) == nil)
    #expect(try code([first, again], minimum: 2) == .tooFew)
  }

  @Test("case 22: logs of one operator count once, in whatever order")
  func operators() throws {
    let (first, other) = (world.material.entry, second.entry)
    let one = try trusted(operator: ["o", "o"])
    let two = try trusted(operator: ["o", "p"])
    #expect(try code([first, other], minimum: 2, logs: one) == .tooFew)
    #expect(try code([other, first], minimum: 2, logs: one) == .tooFew)
    #expect(try code([first, other], minimum: 1, logs: one) == nil)
    #expect(try code([first, other], minimum: 2, logs: two) == nil)
  }

  @Test("case 22: an entry given twice is refused, even with other contents or of an unknown log")
  func duplicates() throws {
    let first = world.material.entry
    #expect(try code([first, second.entry, first]) == .duplicate)
    #expect(try code([first, changed(first, "inclusionPromise", nil)]) == .duplicate)
    #expect(try code([stranger.entry, first, stranger.entry]) == .duplicate)
    // Equal indexes in two logs are two entries.
    let bundle = try world.bundle { $0["verificationMaterial.tlogEntries"] = .array([first, second.entry]) }
    #expect(Set(bundle.logEntries.map(\.logID)).count == 2)
  }

  @Test("case 23: one bad entry of a trusted log spoils the good ones, in both orders, with its own code")
  func oneBad() throws {
    let (first, other) = (world.material.entry, second.entry)
    let flipped = [UInt8](repeating: 3, count: 32)
    let bad: [(JSONDraft, RekorCode)] = [
      (changed(other, "integratedTime", .text("1700000001")), .promiseInvalid),
      (changed(other, "inclusionProof.rootHash", .base64(flipped)), .rootMismatch),
      (changed(other, "inclusionProof.treeSize", .text("9")), .sizeMismatch),
      (changed(other, "inclusionProof.hashes", .array([])), .proofLength),
      (changed(other, "inclusionProof.checkpoint.envelope", .text("x")), .checkpointMalformed),
      (changed(other, "inclusionProof.checkpoint.envelope", .text(stranger.checkpoint)), .checkpointUntrusted),
      (changed(other, "inclusionProof.checkpoint", nil), .checkpointMissing),
      (changed(other, "inclusionProof", nil), .proofMissing),
    ]
    #expect(try code([first, other]) == nil)
    for (entry, expected) in bad {
      #expect(try code([first, entry]) == expected)
      #expect(try code([entry, first]) == expected)
    }
    let late = try trusted(window: TimeWindow(start: nil, end: UnixTime(seconds: 1)))
    #expect(try code([first, other], logs: late) == .keyNotValid)
    #expect(try code([other, first], logs: late) == .keyNotValid)
  }

  @Test("case 23: a bad entry of an unknown log counts for nothing and spoils nothing, in both orders")
  func unknownBad() throws {
    let broken = changed(stranger.entry, "inclusionProof.hashes", .array([]))
    for entries in [[world.material.entry, broken], [broken, world.material.entry]] {
      let bundle = try world.bundle { $0["verificationMaterial.tlogEntries"] = .array(entries) }
      let result = try verifyLogEntries(of: bundle, logs: trusted())
      #expect(result.verified.map(\.log.name) == [world.world.rekor.host])
      #expect(result.unknown.map(\.logID) == [stranger.logID])
    }
    #expect(try code([broken]) == .unknown)
    #expect(try code([broken], minimum: 0) == nil)
  }

  @Test("case 24: an entry that names the other trusted log")
  func crossed() throws {
    for (entry, other) in [(world.material.entry, second.logID), (second.entry, world.material.logID)] {
      let crossed = changed(entry, "logId.keyId", .base64(other))
      #expect(try code([crossed]) == .promiseInvalid)
      #expect(try code([changed(crossed, "inclusionPromise", nil)]) == .checkpointUntrusted)
    }
  }

  @Test("case 18: a proof under the checkpoint of the other log, or of the same log's smaller tree")
  func otherCheckpoint() throws {
    let checkpoint = "inclusionProof.checkpoint.envelope"
    let first = changed(world.material.entry, checkpoint, .text(second.checkpoint))
    #expect(try code([first]) == .checkpointUntrusted)
    let size = world.material.treeSize - 1
    let smaller = changed(world.material.entry, checkpoint, .text(world.world.rekor.checkpoint(size: size)))
    #expect(try code([smaller]) == .sizeMismatch)
    let claimed = changed(smaller, "inclusionProof.treeSize", .text(String(size)))
    #expect(try code([claimed]) == .rootMismatch)
    let rooted = changed(claimed, "inclusionProof.rootHash", .base64(world.world.rekor.root(size: size)))
    // The proof itself is still that of the larger tree.
    #expect(try code([rooted]) == .rootMismatch)
    let path = world.world.rekor.path(world.material.shardIndex, size: size)
    let proven = changed(rooted, "inclusionProof.hashes", .array(path.map { .base64($0) }))
    #expect(try code([proven]) == nil)
  }
}
