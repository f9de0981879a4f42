import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("After a refusal, the rest that is wrong")
struct FurtherFailureTests {
  private static let other = Array("another artifact\n".utf8)

  @Test("wrong signer, wrong file and foreign entry are told behind a broken promise", arguments: Shape.allCases)
  func allAtOnce(shape: Shape) throws {
    var world = World()
    var material = world.sign()
    material.promise = flipped(material.promise)
    world.identity = .exact("somebody else")
    let answer = try world.judge(shape.render(material), artifact: Self.other)
    answer.expect("log.promiseInvalid", at: .log)
    let named = shape == .legacy ? [] : ["signature.digestMismatch"]
    #expect(answer.further == ["identity.mismatch", "signature.mismatch"] + named + ["entryBody.digestMismatch"])
    let steps = answer.verdict?.furtherFailures.map(\.step) ?? []
    #expect(steps == [.identity, .signature] + named.map { _ in .signature } + [.entryBody])
    #expect(answer.verdict?.furtherFailures.allSatisfy { !$0.meaning.isEmpty } == true)
  }

  struct One: Sendable, CustomTestStringConvertible {
    let name: String
    let further: [String]
    let spoil: @Sendable (inout World, inout SignedMaterial) -> Void
    var testDescription: String { "\(name) -> \(further)" }
  }

  static let single = [
    One(name: "nothing else", further: []) { _, _ in },
    One(name: "the identity", further: ["identity.mismatch"]) { world, _ in world.identity = .exact("x") },
    One(name: "the issuer", further: ["identity.issuerMismatch"]) { world, _ in world.issuer = .exact("x") },
    One(name: "the signature", further: ["signature.mismatch", "entryBody.signatureMismatch"]) { _, material in
      material.signature = flipped(material.signature)
    },
    One(name: "a malformed signature", further: ["signature.malformed", "entryBody.signatureMismatch"]) { _, material in
      material.signature = [1, 2, 3]
    },
  ]

  @Test("each thing wrong is told once, and nothing that is right", arguments: single)
  func one(one: One) throws {
    var world = World()
    var material = world.sign()
    material.checkpoint = "junk"
    one.spoil(&world, &material)
    let answer = try world.judge(material.bundle())
    answer.expect("log.checkpointMalformed", at: .log)
    #expect(answer.further == one.further)
  }

  @Test("only later steps are told: an earlier one has passed or was the refusal")
  func laterOnly() throws {
    var world = World()
    let draft = world.sign().bundle()
    world.identity = .exact("x")
    let answer = try world.judge(draft, artifact: Self.other)
    answer.expect("identity.mismatch", at: .identity)
    #expect(answer.further == ["signature.mismatch", "signature.digestMismatch", "entryBody.digestMismatch"])
    world.identity = .exact(VirtualSigstore.identity)
    let signature = try world.judge(draft, artifact: Self.other)
    signature.expect("signature.mismatch", at: .signature)
    #expect(signature.further == ["entryBody.digestMismatch"])
  }

  @Test("a managed key's material is judged with the caller's key")
  func managed() throws {
    var world = World()
    var material = world.signWithManagedKey()
    material.promise = flipped(material.promise)
    try #expect(world.judge(material.bundle()).further == [])
    world.managedKey = VirtualKey(.p256, seed: "x")
    let answer = try world.judge(material.bundle())
    answer.expect("log.promiseInvalid", at: .log)
    #expect(answer.further == ["signature.mismatch", "entryBody.keyMismatch"])
  }

  @Test("a leaf that cannot be read ends the search")
  func unreadableLeaf() throws {
    var world = World()
    var draft = world.sign().bundle()
    draft["verificationMaterial.certificate.rawBytes"] = .base64([0x30, 0x00])
    let answer = try world.judge(draft, artifact: Self.other)
    answer.expect("chain.malformed", at: .bundle)
    #expect(answer.further == [])
  }

  @Test("cautions before a refusal are kept")
  func cautions() throws {
    var world = World()
    let draft = world.sign().legacyBundle
    let answer = try world.judge(draft, artifact: Self.other)
    answer.expect("signature.mismatch", at: .signature)
    #expect(answer.cautions == [.promiseOnly])
  }
}
