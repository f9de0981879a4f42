import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Log proofs: inclusion and checkpoint")
struct ProofAttackTests {
  private static let proof = "verificationMaterial.tlogEntries.0.inclusionProof"

  /// A change of the JSON, or of the parts before it is made, with the code that fits.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let code: String
    let step: Step?
    let make: @Sendable (World, inout SignedMaterial) -> Void
    let edit: @Sendable (inout JSONDraft) -> Void
    var testDescription: String { "\(name) -> \(code)" }

    init(
      _ name: String, _ code: String, at step: Step? = .log,
      _ make: @escaping @Sendable (World, inout SignedMaterial) -> Void = { _, _ in },
      edit: @escaping @Sendable (inout JSONDraft) -> Void = { _ in }
    ) {
      self.name = name
      self.code = code
      self.step = step
      self.make = make
      self.edit = edit
    }

    func check(_ shape: Shape, sourceLocation: SourceLocation = #_sourceLocation) throws {
      var world = World()
      var material = world.sign()
      make(world, &material)
      var draft = shape.render(material)
      edit(&draft)
      try world.judge(draft).expect(code, at: step, name, sourceLocation: sourceLocation)
    }
  }

  private static let hash = [UInt8](repeating: 7, count: 32)

  static let paths: [Change] = [
    Change("first hash changed", "log.rootMismatch") { _, material in material.hashes[0][0] ^= 1 },
    Change("last hash changed", "log.rootMismatch") { _, material in
      material.hashes[material.hashes.count - 1] = flipped(material.hashes[material.hashes.count - 1])
    },
    Change("two hashes exchanged", "log.rootMismatch") { _, material in material.hashes.swapAt(0, 1) },
    Change("a hash missing", "log.proofLength") { _, material in material.hashes.removeLast() },
    Change("all hashes missing", "log.proofLength") { _, material in material.hashes = [] },
    Change("a hash too many", "log.proofLength") { _, material in material.hashes.append(hash) },
    Change("64 hashes", "log.proofLength") { _, material in material.hashes = Array(repeating: hash, count: 64) },
    Change("65 hashes", "bundle.tooMany", at: .bundle) { _, material in
      material.hashes = Array(repeating: hash, count: 65)
    },
    Change("a hash of 31 bytes", "bundle.fieldInvalid", at: .bundle) { _, material in material.hashes[0].removeLast() },
    Change("the neighbour's index", "log.rootMismatch") { _, material in material.shardIndex ^= 1 },
    Change("index = size", "log.proofLength") { _, material in material.shardIndex = material.treeSize },
    Change("the largest index", "log.proofLength") { _, material in material.shardIndex = UInt64(Int64.max) },
    Change("index of 2^63", "bundle.numberRange", at: .bundle) { _, material in material.shardIndex = 1 << 63 },
    Change("negative index", "bundle.numberRange", at: .bundle, edit: { $0[proof + ".logIndex"] = .text("-1") }),
    Change("fractional index", "bundle.numberRange", at: .bundle, edit: { $0[proof + ".logIndex"] = .raw("1.5") }),
    Change(
      "negative global index", "bundle.numberRange", at: .bundle,
      edit: { $0["verificationMaterial.tlogEntries.0.logIndex"] = .text("-1") }),
    Change("negative size", "bundle.numberRange", at: .bundle, edit: { $0[proof + ".treeSize"] = .text("-16") }),
    Change("size 0 against the checkpoint", "log.sizeMismatch") { _, material in material.treeSize = 0 },
    Change("size 0, and a checkpoint that says so", "log.proofLength") { world, material in
      material.treeSize = 0
      material.checkpoint = note(world, size: "0", root: material.rootHash)
    },
    Change("size 1 below the index, and a checkpoint that says so", "log.proofLength") { world, material in
      material.treeSize = material.shardIndex
      material.checkpoint = note(world, size: String(material.shardIndex), root: material.rootHash)
    },
  ]

  @Test(
    "case 17: proof hashes changed, missing or extra; index and size out of range", arguments: Shape.protobuf, paths)
  func path(shape: Shape, change: Change) throws { try change.check(shape) }

  static let roots: [Change] = [
    Change("another root in the proof", "log.rootMismatch") { _, material in material.rootHash = hash },
    Change("another size in the proof", "log.sizeMismatch") { _, material in material.treeSize += 1 },
    Change("another root in a signed checkpoint", "log.rootMismatch") { world, material in
      material.checkpoint = note(world, size: String(material.treeSize), root: hash)
    },
    Change("another root in proof and signed checkpoint", "log.rootMismatch") { world, material in
      material.rootHash = hash
      material.checkpoint = note(world, size: String(material.treeSize), root: hash)
    },
    Change("a genuine checkpoint of a later tree", "log.sizeMismatch") { world, material in
      var rekor = world.sigstore.rekor
      rekor.append([1, 2, 3])
      material.checkpoint = rekor.checkpoint()
    },
    Change("a genuine checkpoint of an equally large tree of other entries", "log.rootMismatch") { world, material in
      var other = VirtualRekor(seed: world.sigstore.seed, filler: Int(material.treeSize) - 1)
      other.append([1, 2, 3])
      material.checkpoint = other.checkpoint()
    },
  ]

  @Test("case 18: root or size of proof and checkpoint differ", arguments: Shape.protobuf, roots)
  func root(shape: Shape, change: Change) throws { try change.check(shape) }

  // MARK: Checkpoints

  /// A checkpoint with any lines, signed by the log's key.
  private static func note(
    _ world: World, origin: String? = nil, size: String, root: [UInt8], more: String = "", key: VirtualKey? = nil,
    name: String? = nil
  ) -> String {
    let rekor = world.sigstore.rekor
    let text = "\(origin ?? rekor.origin)\n\(size)\n\(Encoding.base64(root))\n\(more)"
    return text + "\n" + rekor.signatureLine(over: text, name: name, key: key) + "\n"
  }

  private static func parts(_ checkpoint: String) -> (text: String, signatures: String) {
    let parts = checkpoint.split(separator: "\n\n", maxSplits: 1).map(String.init)
    return (parts[0] + "\n", parts[1])
  }

  private static let stranger = VirtualKey(.p256, seed: "a witness")

  static let checkpoints: [Change] = [
    Change("signed by an untrusted key", "log.checkpointUntrusted") { world, material in
      material.checkpoint = note(
        world, size: String(material.treeSize), root: material.rootHash, key: stranger)
    },
    Change("signed by an untrusted key under the log's hint", "log.checkpointUntrusted") { world, material in
      let text = parts(material.checkpoint).text
      let hint = HashName.sha256(world.sigstore.rekor.key.subjectPublicKeyInfo).prefix(4)
      let blob = Encoding.base64(hint + stranger.sign(Array(text.utf8)))
      material.checkpoint = text + "\n— \(world.sigstore.rekor.host) \(blob)\n"
    },
    Change("the right signature under a wrong hint", "log.checkpointUntrusted") { world, material in
      let text = parts(material.checkpoint).text
      let blob = Encoding.base64([1, 2, 3, 4] + world.sigstore.rekor.key.sign(Array(text.utf8)))
      material.checkpoint = text + "\n— \(world.sigstore.rekor.host) \(blob)\n"
    },
    Change("a good and a bad line of the log's key", "log.checkpointUntrusted") { world, material in
      let bad = world.sigstore.rekor.signatureLine(over: "other text\n")
      material.checkpoint += bad + "\n"
    },
    Change("a bad and a good line of the log's key", "log.checkpointUntrusted") { world, material in
      let bad = world.sigstore.rekor.signatureLine(over: "other text\n")
      let (text, signatures) = parts(material.checkpoint)
      material.checkpoint = text + "\n" + bad + "\n" + signatures
    },
    Change("no signature line", "log.checkpointMalformed") { _, material in
      material.checkpoint = parts(material.checkpoint).text + "\n"
    },
    Change("size missing", "log.checkpointMalformed") { world, material in
      let text = "\(world.sigstore.rekor.origin)\n\(Encoding.base64(material.rootHash))\n"
      material.checkpoint = text + "\n" + world.sigstore.rekor.signatureLine(over: text) + "\n"
    },
    Change("root missing", "log.checkpointMalformed") { world, material in
      let text = "\(world.sigstore.rekor.origin)\n\(material.treeSize)\n"
      material.checkpoint = text + "\n" + world.sigstore.rekor.signatureLine(over: text) + "\n"
    },
    Change("size with a leading zero", "log.checkpointMalformed") { world, material in
      material.checkpoint = note(world, size: "0\(material.treeSize)", root: material.rootHash)
    },
    Change("size over 64 bits", "log.checkpointMalformed") { world, material in
      material.checkpoint = note(world, size: "18446744073709551616", root: material.rootHash)
    },
    Change("root of 31 bytes", "log.checkpointMalformed") { world, material in
      material.checkpoint = note(world, size: String(material.treeSize), root: Array(material.rootHash.dropLast()))
    },
    Change("junk behind the signatures", "log.checkpointMalformed") { _, material in material.checkpoint += "junk\n" },
    Change("junk in a signature line", "log.checkpointMalformed") { _, material in
      material.checkpoint = material.checkpoint.dropLast() + " junk\n"
    },
    Change("no newline at the end", "log.checkpointMalformed") { _, material in
      material.checkpoint.removeLast()
    },
    Change("signatures before the blank line", "log.checkpointMalformed") { _, material in
      let (text, signatures) = parts(material.checkpoint)
      material.checkpoint = text + signatures + "\n"
    },
    Change("no blank line", "log.checkpointMalformed") { _, material in
      let (text, signatures) = parts(material.checkpoint)
      material.checkpoint = text + signatures
    },
    Change(
      "carriage returns", "log.checkpointMalformed",
      edit: { draft in
        let envelope = draft[proof + ".checkpoint.envelope"]?.rendered ?? ""
        draft[proof + ".checkpoint.envelope"] = .raw(envelope.replacing("\\n", with: "\\r\\n"))
      }),
    Change("not a note", "log.checkpointMalformed") { _, material in material.checkpoint = "junk" },
    Change("10 000 signature lines", "log.checkpointMalformed") { world, material in
      let line = world.sigstore.rekor.signatureLine(over: parts(material.checkpoint).text, key: stranger)
      material.checkpoint += String(repeating: line + "\n", count: 10_000)
    },
    Change("65 signature lines", "log.checkpointMalformed") { world, material in
      let line = world.sigstore.rekor.signatureLine(over: parts(material.checkpoint).text, key: stranger)
      material.checkpoint += String(repeating: line + "\n", count: 64)
    },
    Change("64 signature lines", Answer.accepted, at: nil) { world, material in
      let line = world.sigstore.rekor.signatureLine(over: parts(material.checkpoint).text, key: stranger)
      material.checkpoint += String(repeating: line + "\n", count: 63)
    },
    Change("an unknown cosignature in front", Answer.accepted, at: nil) { world, material in
      let (text, signatures) = parts(material.checkpoint)
      let line = world.sigstore.rekor.signatureLine(over: text, name: "witness", key: stranger)
      material.checkpoint = text + "\n" + line + "\n" + signatures
    },
    Change("an unknown and wrong cosignature behind", Answer.accepted, at: nil) { world, material in
      material.checkpoint += world.sigstore.rekor.signatureLine(over: "x\n", name: "witness", key: stranger) + "\n"
    },
    Change("any origin that a Rekor v1 key signs", Answer.accepted, at: nil) { world, material in
      material.checkpoint = note(
        world, origin: "private.example - 7", size: String(material.treeSize), root: material.rootHash)
    },
    Change("a signed extension line", Answer.accepted, at: nil) { world, material in
      material.checkpoint = note(
        world, size: String(material.treeSize), root: material.rootHash, more: "Timestamp: 1\n")
    },
  ]

  @Test(
    "case 19: checkpoint untrusted or malformed; unknown cosignatures are left alone", arguments: Shape.protobuf,
    checkpoints)
  func checkpoint(shape: Shape, change: Change) throws { try change.check(shape) }

  // MARK: What must be there

  @Test("case 20: v0.2 and later with a promise only", arguments: Shape.withProof)
  func promiseOnly(shape: Shape) throws {
    for absent in [nil, JSONDraft.raw("null"), .object([])] {
      try Change("promise only", "log.proofMissing", edit: { $0[Self.proof] = absent }).check(shape)
    }
  }

  @Test("case 20: v0.2 and later with a proof to a root that nobody signed", arguments: Shape.withProof)
  func checkpointMissing(shape: Shape) throws {
    for absent in [nil, JSONDraft.object([]), .object([("envelope", .text(""))])] {
      try Change("no checkpoint", "log.checkpointMissing", edit: { $0[Self.proof + ".checkpoint"] = absent }).check(
        shape)
    }
  }

  @Test("case 20: v0.1 with a verified promise only is accepted, and reported as weaker")
  func firstVersion() throws {
    var world = World()
    let material = world.sign()
    for path in [Self.proof, Self.proof + ".checkpoint"] {
      var draft = material.bundle(.v0_1)
      draft[path] = nil
      let answer = try world.judge(draft)
      answer.expect(Answer.accepted, at: nil)
      #expect(answer.cautions == [.promiseOnly])
    }
    // What is there is verified all the same.
    try Change("bad proof", "log.rootMismatch") { _, material in material.hashes[0][0] ^= 1 }.check(.v0_1)
  }
}
