import RekorCheck
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// Rekor v2 in the recipe: no promise and no time of the log, so that a timestamp has to say when.
@Suite("Rekor v2 in the recipe")
struct TiledRecipeTests {
  private static func world() -> World {
    var world = World()
    world.sigstore.useTiledLog()
    return world
  }

  private static let entry = "verificationMaterial.tlogEntries.0"

  @Test("a blob, by every kind of leaf key", arguments: VirtualKey.Kind.leaves.filter { $0 != .ed25519 })
  func accepted(kind: VirtualKey.Kind) throws {
    var world = Self.world()
    let answer = try world.judge(world.sign(as: world.leafRequest(kind)).bundle())
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.artifact?.signingTimes == [UnixTime(seconds: world.sigstore.now)])
    let trace = answer.verdict?.trace ?? []
    let names = Set(trace.flatMap { $0.facts.map(\.name) })
    #expect(names.isSuperset(of: ["origin", "rootHash", "treeSize", "signer", "kind"]))
    #expect(
      trace.flatMap(\.facts).contains { $0.name == "origin" && $0.value.rendered == world.sigstore.rekor.host })
  }

  @Test("case 15: without a timestamp nothing says when; an integrated time that nobody signed does not help")
  func withoutTimestamp() throws {
    var world = Self.world()
    var draft = world.sign().bundle()
    draft["verificationMaterial.timestampVerificationData"] = nil
    try world.judge(draft).expect("times.none", at: .times)
    draft[Self.entry + ".integratedTime"] = .text(String(world.sigstore.now))
    try world.judge(draft).expect("times.none", at: .times)
  }

  @Test("case 20: without a proof, without a checkpoint, or with a promise, it is refused")
  func evidence() throws {
    for (field, value, code) in [
      ("inclusionProof", nil, "log.proofMissing"), ("inclusionProof.checkpoint", nil, "log.checkpointMissing"),
      ("inclusionPromise", .object([("signedEntryTimestamp", .base64([1]))]), "log.promiseUnexpected"),
      ("inclusionProof.logIndex", .text("1"), "log.indexMismatch"),
    ] as [(String, JSONDraft?, String)] {
      var world = Self.world()
      var draft = world.sign().bundle()
      draft["\(Self.entry).\(field)"] = value
      try world.judge(draft).expect(code, at: .log, field)
    }
  }

  @Test("case 21: the log's window is judged at the stamped time, its end included")
  func window() throws {
    for (end, code) in [
      ("2023-11-14T22:13:20Z", Answer.accepted), ("2023-11-14T22:13:19Z", "log.keyNotValid"),
    ] {
      var world = Self.world()
      world.editRoot = { $0["tlogs.0.publicKey.validFor.end"] = .text(end) }
      try world.judge(world.sign().bundle()).expect(code, at: code == Answer.accepted ? nil : .log, end)
    }
  }

  @Test("cases 1 to 4: an entry of another digest, signature, key or algorithm")
  func binding() throws {
    let other = VirtualKey(.p256, seed: "other").subjectPublicKeyInfo
    let cases: [(String, String, (inout EntryDraft.Facts) -> Void)] = [
      ("digest", "entryBody.digestMismatch", { $0.digest = HashName.sha256([1]) }),
      ("hash", "entryBody.digestMismatch", { ($0.hash, $0.digest) = (.sha512, HashName.sha512(World.artifact)) }),
      ("signature", "entryBody.signatureMismatch", { $0.signature = [1] }),
      ("key", "entryBody.keyMismatch", { $0.verifier = .publicKey(other) }),
      ("details", "entryBody.keyMismatch", { $0.keyDetails = "PKIX_ECDSA_P256_HMAC_SHA_256 " }),
      ("curve", "entryBody.keyMismatch", { $0.keyDetails = "PKIX_ECDSA_P384_SHA_384" }),
    ]
    for (name, code, change) in cases {
      var world = Self.world()
      let material = world.sign()
      var facts = EntryDraft.Facts(
        signing: World.artifact, hash: .sha256, signature: material.signature, verifier: material.verifier,
        keyDetails: VirtualKey.Kind.p256.details)
      try world.judge(world.log(EntryDraft.hashedRekord2.body(facts), for: material).bundle())
        .expect(Answer.accepted, at: nil)
      change(&facts)
      try world.judge(world.log(EntryDraft.hashedRekord2.body(facts), for: material).bundle())
        .expect(code, at: .entryBody, name)
    }
  }

  @Test("case 19: another origin, and the line of a log of another name")
  func origin() throws {
    var world = Self.world()
    let material = world.sign()
    var draft = material.bundle()
    draft[Self.entry + ".inclusionProof.checkpoint.envelope"] = .text(
      world.sigstore.rekor.checkpoint(origin: "other.virtual.test"))
    try world.judge(draft).expect("log.checkpointUntrusted", at: .log)
    world.editRoot = { $0["tlogs.0.baseUrl"] = .text("https://other.virtual.test") }
    try world.judge(material.bundle()).expect("log.checkpointUntrusted", at: .log)
  }
}

/// Witnesses of a log's checkpoints.
@Suite("Witnesses")
struct WitnessTests {
  private static let witnesses = ["alpha.example", "beta.example", "gamma.example"].map { VirtualWitness($0) }

  /// A bundle whose checkpoint carries these lines behind or before the log's own.
  private func draft(_ world: inout World, _ lines: (String) -> [String], before: Bool = false) -> JSONDraft {
    let material = world.sign()
    var draft = material.bundle()
    let parts = material.checkpoint.split(separator: "\n\n", maxSplits: 1)
    let text = String(parts[0]) + "\n"
    let own = String(parts[1])
    let further = lines(text).map { $0 + "\n" }.joined()
    draft["verificationMaterial.tlogEntries.0.inclusionProof.checkpoint.envelope"] = .text(
      text + "\n" + (before ? further + own : own + further))
    return draft
  }

  private func world(_ minimum: Int, tiled: Bool = false) throws -> World {
    var world = World()
    if tiled { world.sigstore.useTiledLog() }
    let keys = try Self.witnesses.map { try WitnessKey($0.verifierKey) }
    world.editPolicy = { $0.witnesses = WitnessPolicy(keys: keys, minimum: minimum) }
    return world
  }

  @Test("k of n must have seen the checkpoint, in any order, in either kind of log", arguments: [false, true])
  func quorum(tiled: Bool) throws {
    for (minimum, count) in [(1, 1), (1, 3), (2, 2), (3, 3), (1, 0), (2, 1), (3, 2)] {
      for before in [false, true] {
        var world = try world(minimum, tiled: tiled)
        let draft = draft(&world, { text in Self.witnesses.prefix(count).map { $0.line(over: text) } }, before: before)
        let isEnough = count >= minimum
        let answer = try world.judge(draft)
        answer.expect(isEnough ? Answer.accepted : "log.tooFewWitnesses", at: isEnough ? nil : .log)
        guard isEnough else { continue }
        let seen = answer.verdict?.trace.flatMap(\.facts).filter { $0.name == "witness" }.map(\.value.rendered)
        #expect(seen == Self.witnesses.prefix(count).map(\.name))
      }
    }
  }

  @Test("case 22: one witness twice is one witness")
  func twice() throws {
    var world = try world(2)
    let draft = draft(&world) {
      [Self.witnesses[0].line(over: $0), Self.witnesses[0].line(over: $0, time: 1_700_000_301)]
    }
    try world.judge(draft).expect("log.tooFewWitnesses", at: .log)
  }

  @Test("a line that names a trusted witness must verify; lines of others are left alone")
  func invalid() throws {
    let good = Self.witnesses[0]
    let cases: [(String, (String) -> String)] = [
      ("another text", { good.line(over: $0 + "x\n") }), ("another time", { good.line(over: $0, signedTime: 1) }),
      (
        "no time",
        { text in
          "— \(good.name) \(Encoding.base64(good.keyHint + good.key.sign(Array(text.utf8))))"
        }
      ),
    ]
    for (name, line) in cases {
      var world = try world(1)
      let draft = draft(&world) { [Self.witnesses[1].line(over: $0), line($0)] }
      try world.judge(draft).expect("log.witnessInvalid", at: .log, name)
      world.editPolicy = { _ in }
      try world.judge(draft).expect(Answer.accepted, at: nil, name)
    }
    var world = try world(1)
    let stranger = VirtualWitness("delta.example")
    // The stranger under a trusted name has a key id of its own.
    let namesake = VirtualWitness(good.name, seed: "namesake")
    let draft = draft(&world) { [stranger.line(over: $0 + "x\n"), namesake.line(over: $0), good.line(over: $0)] }
    try world.judge(draft).expect(Answer.accepted, at: nil)
  }

  @Test("a promise alone is seen by no witness")
  func promise() throws {
    var world = try world(1)
    var material = world.sign()
    try world.judge(material.legacyBundle).expect("log.tooFewWitnesses", at: .log)
    material.checkpoint = ""
    try world.judge(material.bundle(.v0_1)).expect("log.tooFewWitnesses", at: .log)
  }

  @Test("a file of keys: comments and empty lines are left out")
  func file() throws {
    let text = "# witnesses\n\n" + Self.witnesses.map(\.verifierKey).joined(separator: "\r\n") + "\n"
    let keys = try WitnessKey.list(parsing: Array(text.utf8))
    #expect(keys.map(\.name) == Self.witnesses.map(\.name))
    #expect(keys.map(\.keyHint) == Self.witnesses.map(\.keyHint))
  }

  @Test("files of keys that are refused")
  func badFile() throws {
    let good = Self.witnesses[0].verifierKey
    let parts = good.split(separator: "+", maxSplits: 2).map(String.init)
    let key = try #require(try? Base64.decode(parts[2]))
    let log = Encoding.base64([0x01] + key.dropFirst())
    let renamed = VirtualWitness("other", seed: "x")
    let twice = good + "\n" + good
    for text in [
      "", "# nothing\n", "x", "a+b", good + " ", " " + good, twice, "\(parts[0])+00000000+\(parts[2])",
      "\(parts[0])+\(parts[1].uppercased())+\(parts[2])", "\(parts[0])+\(parts[1])+\(log)",
      "\(parts[0])+\(parts[1])+\(parts[2].dropLast(4))", "+\(parts[1])+\(parts[2])", "a b+\(parts[1])+\(parts[2])",
      "\(renamed.name)+\(parts[1])+\(parts[2])", "\(parts[0])+\(parts[1])+!", "\u{feff}" + good,
    ] where text != good.uppercased() {
      let failure = #expect(throws: RekorFailure.self, "\(text)") { try WitnessKey.list(parsing: Array(text.utf8)) }
      #expect(failure?.code == .witnessKey)
    }
    #expect(throws: RekorFailure.self) { try WitnessKey.list(parsing: [0xff]) }
    let many = (0..<257).map { VirtualWitness("w\($0)").verifierKey }.joined(separator: "\n")
    #expect(throws: RekorFailure.self) { try WitnessKey.list(parsing: Array(many.utf8)) }
  }
}
