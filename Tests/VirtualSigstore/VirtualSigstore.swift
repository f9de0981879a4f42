/// A whole Sigstore in code: authorities, a CT log, a transparency log. The same seed gives the same bytes.
///
/// The only place in this repository that signs. Change a member before signing to make the world, or a request, as wrong as a test needs it.
public struct VirtualSigstore: Sendable {
  public static let identity = "https://github.com/example/plugin/.github/workflows/release.yml@refs/tags/v1.0.0"
  public static let issuer = "https://token.actions.githubusercontent.com"

  public let seed: String
  /// When things are signed, in Unix seconds.
  public let now: Int64
  /// Whether certificates carry key identifiers and the trusted root the authority's name. The product needs neither; stricter
  /// clients, which judge the same material, ask for both.
  public let hasKeyIdentifiers: Bool
  public var fulcio: VirtualFulcio
  public var rekor: VirtualRekor
  /// Listed in the trusted root, and stamping every signature, where it is there.
  public var tsa: VirtualTSA?

  public init(seed: String = "virtual", now: Int64 = 1_700_000_000, hasKeyIdentifiers: Bool = false) {
    self.seed = seed
    self.now = now
    self.hasKeyIdentifiers = hasKeyIdentifiers
    let year: Int64 = 31_536_000
    let root = VirtualAuthority(
      "virtual-root", seed: seed, notBefore: now - 2 * year, notAfter: now + 8 * year, pathLength: 1,
      hasKeyIdentifiers: hasKeyIdentifiers)
    let intermediate = VirtualAuthority(
      "virtual-intermediate", seed: seed, notBefore: now - year, notAfter: now + 7 * year, pathLength: 0,
      purposes: ["1.3.6.1.5.5.7.3.3"], under: root, hasKeyIdentifiers: hasKeyIdentifiers)
    fulcio = VirtualFulcio(authorities: [intermediate, root], log: VirtualCTLog(seed: seed))
    rekor = VirtualRekor(seed: seed)
  }

  /// A GitHub workflow's leaf, valid for ten minutes around `now`.
  public func leafRequest(_ kind: VirtualKey.Kind = .p256) -> LeafRequest {
    LeafRequest(
      names: [.uri(Self.identity)],
      claims: [
        1: Self.issuer, 2: "push", 3: "0123456789abcdef0123456789abcdef01234567", 4: "Release", 5: "example/plugin",
        6: "refs/tags/v1.0.0", 8: Self.issuer, 9: Self.identity, 11: "github-hosted",
        12: "https://github.com/example/plugin", 14: "refs/tags/v1.0.0", 20: "push",
      ],
      key: VirtualKey(kind, seed: "leaf " + seed), notBefore: now - 60, notAfter: now + 540,
      hasKeyIdentifiers: hasKeyIdentifiers,
      sct: SCTRequest(milliseconds: UInt64(now - 59) * 1000 + 123))
  }

  /// Signs with a certificate, logs it, and returns all the material.
  public mutating func sign(
    _ artifact: [UInt8], as request: LeafRequest? = nil, hash: HashName? = nil
  ) -> SignedMaterial {
    let request = request ?? leafRequest()
    let leaf = fulcio.issue(request)
    return log(artifact, request.key, hash ?? request.key.defaultHash, .certificate(leaf))
  }

  /// Signs with a managed key.
  public mutating func sign(
    _ artifact: [UInt8], withManagedKey key: VirtualKey, hash: HashName? = nil
  ) -> SignedMaterial {
    log(artifact, key, hash ?? key.defaultHash, .publicKey(key.subjectPublicKeyInfo))
  }

  /// Signs a statement, logs it as an entry of that kind, and returns all the material.
  ///
  /// - Parameter adjust: makes the entry be about something else.
  public mutating func attest(
    _ envelope: EnvelopeDraft, of artifact: [UInt8], as request: LeafRequest? = nil, managedKey: VirtualKey? = nil,
    entry: EntryDraft = .dsse1, hash: HashName? = nil, adjust: (inout EntryDraft.Facts) -> Void = { _ in }
  ) -> SignedMaterial {
    let request = request ?? leafRequest()
    let key = managedKey ?? request.key
    let verifier: SignedMaterial.Verifier =
      managedKey.map { .publicKey($0.subjectPublicKeyInfo) } ?? .certificate(fulcio.issue(request))
    return log(artifact, key, hash ?? key.defaultHash, verifier, envelope, entry, adjust)
  }

  /// Makes this the world of Rekor v2: a tiled log, and a timestamp authority.
  public mutating func useTiledLog() {
    rekor = .tiled(seed: seed)
    addTimestampAuthority()
  }

  public mutating func addTimestampAuthority() {
    tsa = VirtualTSA(seed: "tsa " + seed, notBefore: now - 31_536_000, notAfter: now + 31_536_000)
  }

  private mutating func log(
    _ artifact: [UInt8], _ key: VirtualKey, _ hash: HashName, _ verifier: SignedMaterial.Verifier,
    _ envelope: EnvelopeDraft? = nil, _ entry: EntryDraft? = nil, _ adjust: (inout EntryDraft.Facts) -> Void = { _ in }
  ) -> SignedMaterial {
    let message = envelope?.signedBytes ?? artifact
    let signature = key.sign(message, hash: hash)
    let kind = entry ?? (rekor.isTiled ? .hashedRekord2 : .hashedRekord1)
    var facts = EntryDraft.Facts(
      signing: message, hash: hash, signature: signature, verifier: verifier, keyDetails: key.kind.details,
      envelope: envelope)
    adjust(&facts)
    let body = kind.body(facts)
    let index = rekor.append(body)
    rekor.append(Array("filler behind \(index)".utf8))
    rekor.append(Array("more filler behind \(index)".utf8))
    let globalIndex = index + rekor.earlierEntries
    var material = SignedMaterial(
      artifact: artifact, hash: hash, signature: signature, verifier: verifier,
      chain: fulcio.authorities.dropLast().map(\.certificate), logID: rekor.logID, globalIndex: globalIndex,
      integratedTime: now,
      promise: rekor.promise(body: body, integratedTime: now, globalIndex: globalIndex), shardIndex: index,
      treeSize: UInt64(rekor.leaves.count), rootHash: rekor.root(), hashes: rekor.path(index),
      checkpoint: rekor.checkpoint(), body: body)
    material.kind = kind
    material.isTiled = rekor.isTiled
    material.envelope = envelope
    if let tsa { material.timestamps = [tsa.stamp(signature, VirtualTSA.Request(time: stampTime))] }
    return material
  }

  /// `now` as a GeneralizedTime has it, without its `Z`.
  private var stampTime: String { "20" + String(decoding: DERWriter.time(now).dropFirst(2).dropLast(), as: UTF8.self) }

  /// `trusted_root.json` of this world. Windows are those of the authorities; edit the draft for anything else.
  public func trustedRoot() -> JSONDraft {
    let window = JSONDraft.object([("start", .text("2021-01-01T00:00:00Z"))])
    func instance(_ url: String, _ key: VirtualKey, _ logID: [UInt8]) -> JSONDraft {
      .object([
        ("baseUrl", .text(url)), ("hashAlgorithm", .text("SHA2_256")),
        (
          "publicKey",
          .object([
            ("rawBytes", .base64(key.subjectPublicKeyInfo)), ("keyDetails", .text(key.kind.details)),
            ("validFor", window),
          ])
        ), ("logId", .object([("keyId", .base64(logID))])),
      ])
    }
    var root = JSONDraft.object([
      ("mediaType", .text("application/vnd.dev.sigstore.trustedroot+json;version=0.1")),
      ("tlogs", .array([instance("https://\(rekor.host)", rekor.key, rekor.logID)])),
      (
        "certificateAuthorities",
        .array([
          .object([
            ("uri", .text("https://fulcio.virtual.test")),
            (
              "certChain",
              .object([
                (
                  "certificates",
                  .array(fulcio.authorities.map { .object([("rawBytes", .base64($0.certificate))]) })
                )
              ])
            ), ("validFor", window),
          ])
        ])
      ), ("ctlogs", .array([instance("https://ctfe.virtual.test/2023", fulcio.log.key, fulcio.log.logID)])),
    ])
    if let tsa {
      root["timestampAuthorities"] = .array([
        .object([
          (
            "certChain",
            .object([("certificates", .array(tsa.chain.map { .object([("rawBytes", .base64($0))]) }))])
          ), ("validFor", window),
        ])
      ])
    }
    if hasKeyIdentifiers {
      root["certificateAuthorities.0.subject"] = .object([
        ("organization", .text("virtual.test")), ("commonName", .text("virtual-root")),
      ])
    }
    return root
  }
}
