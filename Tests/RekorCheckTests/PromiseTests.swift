import RekorCheck
import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

/// The signed entry timestamp: every field that it covers, one at a time. The inclusion proof beside it stays good where
/// the changed field is not its own.
@Suite("Promises")
struct PromiseTests {
  private let world = LogWorld()
  private let promise = "\(firstEntry).inclusionPromise.signedEntryTimestamp"

  private func made(
    body: [UInt8]? = nil, time: Int64? = nil, index: UInt64? = nil, logID: [UInt8]? = nil, key: VirtualKey? = nil
  ) -> JSONDraft {
    .base64(
      world.world.rekor.promise(
        body: body ?? world.material.body, integratedTime: time ?? world.material.integratedTime,
        globalIndex: index ?? world.material.globalIndex, key: key, logID: logID))
  }

  private func code(_ value: JSONDraft, _ version: SignedMaterial.Version = .v0_3) throws -> RekorCode? {
    try world.code(of: world.bundle(version) { $0[promise] = value })
  }

  @Test("case 14: a promise over another body, time, index or log id", arguments: SignedMaterial.Version.allCases)
  func otherFields(version: SignedMaterial.Version) throws {
    let material = world.material
    #expect(try code(made(), version) == nil)
    #expect(try code(made(body: material.body + [0x20]), version) == .promiseInvalid)
    #expect(try code(made(time: material.integratedTime - 1), version) == .promiseInvalid)
    #expect(try code(made(index: material.globalIndex + 1), version) == .promiseInvalid)
    // The index in the tree in place of the one over all shards.
    #expect(try code(made(index: material.shardIndex), version) == .promiseInvalid)
    #expect(try code(made(logID: [UInt8](repeating: 1, count: 32)), version) == .promiseInvalid)
  }

  @Test("case 14: the same in a cosign bundle, whose only evidence it is")
  func legacy() throws {
    let good = world.material.legacyBundle
    func code(_ field: String, _ value: JSONDraft) throws -> RekorCode? {
      var draft = good
      draft["rekorBundle." + field] = value
      return try world.code(of: Bundle(parsing: draft.bytes))
    }
    #expect(try code("SignedEntryTimestamp", made()) == nil)
    #expect(try code("SignedEntryTimestamp", made(index: 1)) == .promiseInvalid)
    #expect(try code("Payload.body", .base64(world.material.body + [0x20])) == .promiseInvalid)
    #expect(try code("Payload.integratedTime", .raw("1700000001")) == .promiseInvalid)
    #expect(try code("Payload.integratedTime", .raw("0")) == .promiseInvalid)
    #expect(try code("Payload.logIndex", .raw("1")) == .promiseInvalid)
    #expect(try code("Payload.logID", .text(String(repeating: "0", count: 64))) == .unknown)
  }

  @Test("case 14: the log id is signed: the same key under another id makes no promise")
  func otherIdentifier() throws {
    let logID = [UInt8](repeating: 1, count: 32)
    let logs = [try world.log(logID: logID)]
    let renamed = try world.bundle { $0["\(firstEntry).logId.keyId"] = .base64(logID) }
    #expect(try world.code(of: renamed, logs: logs) == .promiseInvalid)
    let signed = try world.bundle {
      $0["\(firstEntry).logId.keyId"] = .base64(logID)
      $0[promise] = made(logID: logID)
    }
    #expect(try world.code(of: signed, logs: logs) == nil)
  }

  @Test("case 24: a promise that another key made, and one that is no signature at all")
  func otherKey() throws {
    #expect(try code(made(key: VirtualKey(.p256, seed: "another log"))) == .promiseInvalid)
    #expect(try code(made(key: VirtualKey(.p384, seed: "another log"))) == .promiseInvalid)
    #expect(try code(.base64([0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00])) == .promiseInvalid)
    #expect(try code(.base64(world.material.promise + [0])) == .promiseInvalid)
    #expect(try code(.base64(world.material.signature)) == .promiseInvalid)
  }

  @Test("case 14: no changed byte of a promise passes")
  func mutation() throws {
    for position in world.material.promise.indices {
      var changed = world.material.promise
      changed[position] ^= 1
      #expect(try code(.base64(changed)) == .promiseInvalid, "byte \(position)")
    }
  }

  @Test("a promise is verified where none is owed, and a good proof does not excuse a bad one")
  func notOwed() throws {
    for version in [SignedMaterial.Version.v0_2, .v0_3] {
      #expect(try code(.base64([1]), version) == .promiseInvalid)
    }
    let good = try verifyLogEntries(of: world.bundle(), logs: [try world.log()])
    #expect(good.verified.first?.evidence == [.promise, .inclusion])
  }
}
