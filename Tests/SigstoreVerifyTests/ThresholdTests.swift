import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// Numbers of distinct logs, authorities and certificate logs; unknown stamps; deployments without logs.
@Suite("Thresholds")
struct ThresholdTests {
  private static let entries = "verificationMaterial.tlogEntries"
  private static let stamps = "verificationMaterial.timestampVerificationData.rfc3161Timestamps"

  private static func stamp(_ bytes: [UInt8]) -> JSONDraft { .object([("signedTimestamp", .base64(bytes))]) }

  /// An entry of a second log for the same signature.
  private static func second(_ world: inout World, _ material: SignedMaterial) -> (log: VirtualRekor, entry: JSONDraft)
  {
    var log = VirtualRekor(host: "rekor2.virtual.test", seed: "second")
    var other = material
    other.shardIndex = log.append(material.body)
    other.globalIndex = other.shardIndex + log.earlierEntries
    other.logID = log.logID
    return (log, world.certify(other, by: log).entry)
  }

  private static func listed(_ log: VirtualRekor, like first: JSONDraft, operator name: String? = nil) -> JSONDraft {
    var draft = first
    draft["baseUrl"] = .text("https://\(log.host)")
    draft["publicKey.rawBytes"] = .base64(log.key.subjectPublicKeyInfo)
    draft["logId.keyId"] = .base64(log.logID)
    if let name { draft["operator"] = .text(name) }
    return draft
  }

  private func judge(
    minimumLogs: Int, operators: [String?] = [nil, nil], _ entries: (JSONDraft, JSONDraft) -> [JSONDraft]
  ) throws -> Answer {
    var world = World()
    let material = world.sign()
    let (log, entry) = Self.second(&world, material)
    world.editPolicy = { $0.minimumLogs = minimumLogs }
    world.editRoot = { root in
      guard case .array(let logs)? = root["tlogs"], var first = logs.first else { return }
      let other = Self.listed(log, like: first, operator: operators[1])
      if let name = operators[0] { first["operator"] = .text(name) }
      root["tlogs"] = .array([first, other])
    }
    var draft = material.bundle()
    draft[Self.entries] = .array(entries(material.entry, entry))
    return try world.judge(draft)
  }

  @Test("case 22: two logs are two; one log twice, or two of one operator, is one")
  func logs() throws {
    try judge(minimumLogs: 2) { [$0, $1] }.expect(Answer.accepted, at: nil)
    try judge(minimumLogs: 2) { [$1, $0] }.expect(Answer.accepted, at: nil)
    try judge(minimumLogs: 3) { [$0, $1] }.expect("log.tooFew", at: .log)
    try judge(minimumLogs: 2) { first, _ in [first] }.expect("log.tooFew", at: .log)
    try judge(minimumLogs: 2) { first, _ in [first, first] }.expect("log.duplicate", at: .log)
    try judge(minimumLogs: 2, operators: ["one", "one"]) { [$0, $1] }.expect("log.tooFew", at: .log)
    try judge(minimumLogs: 2, operators: ["one", "two"]) { [$0, $1] }.expect(Answer.accepted, at: nil)
  }

  @Test("case 23: an entry beside one that is broken, in both orders, is refused whatever is asked for")
  func broken() throws {
    for minimum in [0, 1, 2] {
      for swapped in [false, true] {
        let answer = try judge(minimumLogs: minimum) { first, second in
          var broken = second
          broken["inclusionProof.treeSize"] = .text("100")
          return swapped ? [broken, first] : [first, broken]
        }
        answer.expect("log.sizeMismatch", at: .log)
      }
    }
  }

  private static func authority(_ seed: String) -> VirtualTSA {
    VirtualTSA(seed: seed, notBefore: 1_690_000_000, notAfter: 1_790_000_000)
  }

  private static func listed(_ authority: VirtualTSA, operator name: String? = nil) -> JSONDraft {
    var draft = JSONDraft.object([
      (
        "certChain",
        .object([("certificates", .array(authority.chain.map { .object([("rawBytes", .base64($0))]) }))])
      ), ("validFor", .object([("start", .text("2021-01-01T00:00:00Z"))])),
    ])
    if let name { draft["operator"] = .text(name) }
    return draft
  }

  /// Authorities of different names, so that a token names one of them alone.
  private static func named(_ name: String) -> VirtualTSA {
    var authority = VirtualTSA(seed: name, notBefore: 1_690_000_000, notAfter: 1_790_000_000)
    authority.root = VirtualAuthority("root of \(name)", seed: name, notBefore: 1_690_000_000, notAfter: 1_790_000_000)
    var template = CertificateTemplate(
      notBefore: 1_690_000_000, notAfter: 1_790_000_000, subjectPublicKeyInfo: authority.key.subjectPublicKeyInfo)
    template.serial = authority.serial
    template.subject = DERWriter.name(commonName: name)
    template.extensions = [.keyUsage([0]), .extendedKeyUsage(["1.3.6.1.5.5.7.3.8"], isCritical: true)]
    authority.certificate = template.signed(issuer: authority.root.name, key: authority.root.key)
    return authority
  }

  private func judge(
    trusted: [(VirtualTSA, String?)], stamps: [(VirtualTSA, String)],
    _ edit: @escaping (inout VerificationPolicy) -> Void
  ) throws -> Answer {
    var world = World()
    let material = world.sign()
    world.editRoot = { $0["timestampAuthorities"] = .array(trusted.map { Self.listed($0.0, operator: $0.1) }) }
    world.editPolicy = edit
    var draft = material.bundle()
    draft["verificationMaterial.timestampVerificationData"] = .object([
      (
        "rfc3161Timestamps",
        .array(stamps.map { Self.stamp($0.0.stamp(material.signature, VirtualTSA.Request(time: $0.1))) })
      )
    ])
    return try world.judge(draft)
  }

  private static let inside = "20231114221500"
  private static let later = "20231114221600"

  @Test("case 22: two authorities are two; one of them twice, or two of one operator, is one")
  func timestamps() throws {
    let (one, two) = (Self.named("one"), Self.named("two"))
    let both: [(VirtualTSA, String?)] = [(one, nil), (two, nil)]
    let wantTwo: (inout VerificationPolicy) -> Void = { $0.minimumTimestamps = 2 }
    try judge(trusted: both, stamps: [(one, Self.inside), (two, Self.inside)], wantTwo).expect(Answer.accepted, at: nil)
    try judge(trusted: both, stamps: [(one, Self.inside), (one, Self.later)], wantTwo)
      .expect("times.tooFew", at: .times)
    try judge(trusted: both, stamps: [(one, Self.inside), (one, Self.inside)], wantTwo)
      .expect("times.duplicate", at: .times)
    try judge(trusted: [(one, "x"), (two, "x")], stamps: [(one, Self.inside), (two, Self.inside)], wantTwo)
      .expect("times.tooFew", at: .times)
    try judge(trusted: [(one, nil)], stamps: [(one, Self.inside), (two, Self.inside)], wantTwo)
      .expect("times.tooFew", at: .times)
    try judge(trusted: both, stamps: [], { $0.minimumTimestamps = 1 }).expect("times.tooFew", at: .times)
    // Every one that is there must hold, also where fewer are asked for.
    try judge(trusted: both, stamps: [(one, Self.inside), (two, "20231114230000")], { $0.minimumTimestamps = 1 })
      .expect("chain.notValidAtTime", at: .chain)
  }

  @Test("a stamp of an unknown authority counts for nothing, or is refused where that is asked for")
  func unknown() throws {
    let (known, unknown) = (Self.named("known"), Self.named("unknown"))
    for stamps in [[(known, Self.inside), (unknown, Self.inside)], [(unknown, Self.inside), (known, Self.inside)]] {
      try judge(trusted: [(known, nil)], stamps: stamps) { _ in }.expect(Answer.accepted, at: nil)
      try judge(trusted: [(known, nil)], stamps: stamps) { $0.refusesUnknownTimestamps = true }
        .expect("times.unknownAuthority", at: .times)
    }
    try judge(trusted: [(known, nil)], stamps: [(known, Self.inside)]) { $0.refusesUnknownTimestamps = true }
      .expect(Answer.accepted, at: nil)
  }

  @Test("certificate logs: one is not two")
  func certificateLogs() throws {
    var world = World()
    let material = world.sign()
    world.editPolicy = { $0.minimumCertificateLogs = 1 }
    try world.judge(material.bundle()).expect(Answer.accepted, at: nil)
    world.editPolicy = { $0.minimumCertificateLogs = 2 }
    try world.judge(material.bundle()).expect("sct.tooFew", at: .sct)
  }

  @Test("case 28: no log and no certificate log, a timestamp instead: only where all three are asked for")
  func privateDeployment() throws {
    var world = World()
    let authority = Self.named("private")
    world.editRoot = {
      $0["timestampAuthorities"] = .array([Self.listed(authority)])
      $0["tlogs"] = nil
      $0["ctlogs"] = nil
    }
    var request = world.leafRequest()
    request.sct.count = 0
    let material = world.sign(as: request)
    var draft = material.bundle()
    draft[Self.entries] = nil
    draft["verificationMaterial.timestampVerificationData"] = .object([
      (
        "rfc3161Timestamps",
        .array([Self.stamp(authority.stamp(material.signature, VirtualTSA.Request(time: Self.inside)))])
      )
    ])
    try world.judge(draft).expect("log.missing", at: .log)
    world.log = .unsafelyIgnored
    try world.judge(draft).expect("sct.missing", at: .sct)
    world.certificateTimestamp = .unsafelyIgnored
    world.editPolicy = { $0.minimumTimestamps = 1 }
    try world.judge(draft).expect(Answer.accepted, at: nil)
    draft["verificationMaterial.timestampVerificationData"] = nil
    try world.judge(draft).expect("times.tooFew", at: .times)
  }
}
