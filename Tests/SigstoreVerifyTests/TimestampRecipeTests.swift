import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// Timestamps as one more source of time; the tokens themselves are TimestampCheckTests' concern.
@Suite("Time: timestamps in the recipe")
struct TimestampRecipeTests {
  private static func authority(_ seed: String) -> VirtualTSA {
    VirtualTSA(seed: seed, notBefore: 1_690_000_000, notAfter: 1_790_000_000)
  }

  private static let trusted = authority("trusted")
  /// Of the trusted one's name and serial number, with keys of its own.
  private static let namesake = authority("namesake")
  private static let unknown: VirtualTSA = {
    var unknown = authority("unknown")
    unknown.root = VirtualAuthority(
      "another tsa-root", seed: "unknown", notBefore: 1_690_000_000, notAfter: 1_790_000_000)
    var template = CertificateTemplate(
      notBefore: 1_690_000_000, notAfter: 1_790_000_000, subjectPublicKeyInfo: unknown.key.subjectPublicKeyInfo)
    template.serial = 77
    template.subject = DERWriter.name(commonName: "another tsa")
    template.extensions = [.keyUsage([0]), .extendedKeyUsage(["1.3.6.1.5.5.7.3.8"], isCritical: true)]
    unknown.certificate = template.signed(issuer: unknown.root.name, key: unknown.root.key)
    return unknown
  }()

  /// Inside the leaf's ten minutes, 100 s after the log's time.
  private static let inside = "20231114221500"
  private static let insideTime = UnixTime(seconds: 1_700_000_100)
  private static let outside = "20231114230000"

  private static func world() -> World {
    var world = World()
    world.editRoot = { root in
      root["timestampAuthorities"] = .array([
        .object([
          (
            "certChain",
            .object([("certificates", .array(trusted.chain.map { .object([("rawBytes", .base64($0))]) }))])
          ), ("validFor", .object([("start", .text("2021-01-01T00:00:00Z"))])),
        ])
      ])
    }
    return world
  }

  private static func bundle(
    _ material: SignedMaterial, _ stamps: [[UInt8]], withPromise: Bool = true, shape: Shape = .v0_3
  ) -> JSONDraft {
    var draft = shape.render(material)
    draft["verificationMaterial.timestampVerificationData"] = .object([
      ("rfc3161Timestamps", .array(stamps.map { .object([("signedTimestamp", .base64($0))]) }))
    ])
    if !withPromise { draft["verificationMaterial.tlogEntries.0.inclusionPromise"] = nil }
    return draft
  }

  private static func stamp(_ authority: VirtualTSA, _ material: SignedMaterial, _ time: String) -> [UInt8] {
    authority.stamp(material.signature, VirtualTSA.Request(time: time))
  }

  @Test("case 15: a trusted timestamp stands in for the promise", arguments: Shape.withProof)
  func standsIn(shape: Shape) throws {
    var world = Self.world()
    let material = world.sign()
    let answer = try world.judge(
      Self.bundle(
        material, [Self.stamp(Self.trusted, material, Self.inside)], withPromise: false, shape: shape))
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.artifact?.signingTimes == [Self.insideTime])
    #expect(answer.cautions == [.inclusionOnly])
  }

  @Test("beside a promise, both times count")
  func both() throws {
    var world = Self.world()
    let material = world.sign()
    let answer = try world.judge(Self.bundle(material, [Self.stamp(Self.trusted, material, Self.inside)]))
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.artifact?.signingTimes == [UnixTime(seconds: world.sigstore.now), Self.insideTime])
    #expect(answer.cautions == [])
    #expect(answer.verdict?.trace.filter { $0.step == .times && $0.result == .passed }.count == 3)
  }

  @Test("case 26: one time inside the leaf's window and one outside", arguments: [false, true])
  func insideAndOutside(stampFirst: Bool) throws {
    var world = Self.world()
    let material = world.sign()
    var stamps = [Self.stamp(Self.trusted, material, Self.outside)]
    try world.judge(Self.bundle(material, stamps)).expect("chain.notValidAtTime", at: .chain)
    stamps.insert(Self.stamp(Self.trusted, material, Self.inside), at: stampFirst ? 0 : 1)
    try world.judge(Self.bundle(material, stamps, withPromise: false)).expect("chain.notValidAtTime", at: .chain)
  }

  @Test("case 16: a timestamp in the future")
  func future() throws {
    var world = Self.world()
    let material = world.sign()
    let draft = Self.bundle(material, [Self.stamp(Self.trusted, material, Self.inside)])
    world.clock = Self.insideTime.seconds
    try world.judge(draft).expect(Answer.accepted, at: nil)
    world.clock -= 1
    try world.judge(draft).expect("times.inFuture", at: .times)
  }

  @Test("case 21: without a promise the log key's window is judged at the timestamp", arguments: [true, false])
  func keyWindow(isRetired: Bool) throws {
    var world = Self.world()
    let material = world.sign()
    let draft = Self.bundle(material, [Self.stamp(Self.trusted, material, Self.inside)], withPromise: false)
    let edit = world.editRoot
    world.editRoot = { root in
      edit(&root)
      root["tlogs.0.publicKey.validFor.end"] = .text(isRetired ? "2023-11-14T22:14:59Z" : "2023-11-14T22:15:00Z")
    }
    try world.judge(draft).expect(isRetired ? "log.keyNotValid" : Answer.accepted, at: isRetired ? .log : nil)
  }

  @Test("case 27: a timestamp of an unknown authority counts for nothing, and is reported")
  func unknownAuthority() throws {
    var world = Self.world()
    let material = world.sign()
    let stamps = [Self.stamp(Self.unknown, material, Self.outside)]
    let answer = try world.judge(Self.bundle(material, stamps))
    answer.expect(Answer.accepted, at: nil)
    #expect(answer.cautions == [.unknownTimestamp])
    #expect(answer.artifact?.signingTimes == [UnixTime(seconds: world.sigstore.now)])
    try world.judge(Self.bundle(material, stamps, withPromise: false)).expect("times.none", at: .times)
  }

  @Test("case 27: a timestamp in a trusted authority's name by another key is refused")
  func namesake() throws {
    var world = Self.world()
    let material = world.sign()
    let stamps = [Self.stamp(Self.namesake, material, Self.inside)]
    try world.judge(Self.bundle(material, stamps)).expect("times.untrusted", at: .times)
  }

  @Test("case 27: a timestamp over another signature is refused, although the promise gives a time")
  func otherImprint() throws {
    var world = Self.world()
    let material = world.sign()
    let stamp = Self.trusted.stamp(flipped(material.signature), VirtualTSA.Request(time: Self.inside))
    try world.judge(Self.bundle(material, [stamp])).expect("times.imprintMismatch", at: .times)
  }

  @Test("case 81: a managed key's timestamp is judged too")
  func managed() throws {
    var world = Self.world()
    let material = world.signWithManagedKey()
    let good = Self.bundle(material, [Self.stamp(Self.trusted, material, Self.inside)], withPromise: false)
    #expect(try world.judge(good).artifact?.signingTimes == [Self.insideTime])
    let bad = Self.trusted.stamp([1, 2, 3], VirtualTSA.Request(time: Self.inside))
    try world.judge(Self.bundle(material, [bad], withPromise: false)).expect("times.imprintMismatch", at: .times)
  }
}
