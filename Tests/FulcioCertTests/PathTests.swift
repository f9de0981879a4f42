import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

/// Which certificates a path is made of, and what each of them must allow.
@Suite("Paths")
struct PathTests {
  private let world = ChainWorld()
  private let codeSigning = "1.3.6.1.5.5.7.3.3"
  private var start: Int64 { world.now - 1000 }
  private var end: Int64 { world.now + 1000 }

  private func authority(
    _ name: String, kind: VirtualKey.Kind = .p384, seed: String = "path", pathLength: UInt64? = nil,
    purposes: [String]? = nil, under parent: VirtualAuthority? = nil,
    adjust: (inout CertificateTemplate) -> Void = { _ in }
  ) -> VirtualAuthority {
    VirtualAuthority(
      name, kind: kind, seed: seed, notBefore: start, notAfter: end, pathLength: pathLength, purposes: purposes,
      under: parent, adjust: adjust)
  }

  private func leaf(of issuer: VirtualAuthority, _ change: (inout LeafRequest) -> Void = { _ in }) -> [UInt8] {
    var fulcio = world.world.fulcio
    fulcio.authorities = [issuer]
    var request = world.world.leafRequest()
    change(&request)
    return fulcio.issue(request)
  }

  /// How a leaf fares below a chain that the trusted root holds: the issuer of leaves first, then what is above it.
  private enum Fate: Equatable {
    case accepted
    /// The chain itself is refused when it is prepared.
    case unusable
    case refused(FulcioCode)
  }

  private func fate(of chain: [VirtualAuthority], at times: [Int64]? = nil) throws -> Fate {
    let issuer = try #require(chain.first)
    guard let authority = try? world.authority(chain) else { return .unusable }
    return try world.code(leaf(of: issuer), authorities: [authority], at: times).map { .refused($0) } ?? .accepted
  }

  @Test("the evidence holds leaf, issuer, path and times")
  func evidence() throws {
    let times = [UnixTime(seconds: world.now), UnixTime(seconds: world.now + 1)]
    let window = TimeWindow(start: times[0], end: times[1])
    let chain = try verifyChain(
      leaf: decodeLeaf(world.leaf()), others: [], authorities: [world.authority(window: window)], validAt: times)
    #expect(chain.path.map(\.der) == [world.leaf()] + world.world.fulcio.authorities.map(\.certificate))
    #expect(chain.issuer.der == world.world.fulcio.authorities[0].certificate)
    #expect(chain.leaf.der == world.leaf())
    #expect(chain.times == times)
    #expect(chain.authorityWindow == window)
  }

  @Test("of two authorities of one name, the one that signed is the issuer")
  func issuerBySignature() throws {
    let (first, second) = (authority("same", seed: "1"), authority("same", seed: "2"))
    for issuer in [first, second] {
      for order in [[first, second], [second, first]] {
        let chain = try verifyChain(
          leaf: decodeLeaf(leaf(of: issuer)), others: [], authorities: order.map { try world.authority([$0]) },
          validAt: [UnixTime(seconds: world.now)])
        #expect(chain.issuer.der == issuer.certificate)
      }
    }
  }

  @Test("of two windows of one authority, either may hold; all trusted times must lie in the same")
  func twoWindows() throws {
    let now = world.now
    func part(_ start: Int64, _ end: Int64) throws -> CertificateAuthority {
      try world.authority(window: TimeWindow(start: UnixTime(seconds: start), end: UnixTime(seconds: end)))
    }
    let (early, late) = (try part(now - 9, now), try part(now + 1, now + 9))
    for authorities in [[early, late], [late, early]] {
      #expect(try world.code(world.leaf(), authorities: authorities, at: [now]) == nil)
      #expect(try world.code(world.leaf(), authorities: authorities, at: [now + 1]) == nil)
      #expect(try world.code(world.leaf(), authorities: authorities, at: [now, now + 1]) == .notValidAtTime)
    }
  }

  @Test("case 37: path lengths hold within a chain of the trusted root")
  func pathLength() throws {
    for (limit, fate) in [(nil, .accepted), (2, .accepted), (1, .accepted), (0, .unusable)] as [(UInt64?, Fate)] {
      let root = authority("root", pathLength: limit)
      #expect(try self.fate(of: [authority("issuer", under: root), root]) == fate, "\(limit.debugDescription)")
    }
    let root = authority("root", pathLength: 1)
    let middle = authority("middle", under: root)
    #expect(try fate(of: [authority("issuer", under: middle), middle, root]) == .unusable)
    let open = authority("open")
    let closed = authority("closed", pathLength: 0, under: open)
    #expect(try fate(of: [closed, open]) == .accepted)
    #expect(try fate(of: [authority("issuer", under: closed), closed, open]) == .unusable)
  }

  @Test("a chain of three in order is accepted, in another order or with a stranger it is none")
  func order() throws {
    let root = authority("root")
    let middle = authority("middle", under: root)
    let issuer = authority("issuer", under: middle)
    let stranger = authority("stranger", under: authority("elsewhere"))
    #expect(try fate(of: [issuer, middle, root]) == .accepted)
    for chain in [
      [issuer, root, middle], [issuer, root], [issuer, stranger, middle, root], [issuer, middle, stranger],
    ] {
      #expect(try fate(of: chain) == .unusable)
    }
  }

  @Test("case 37: nothing that the bundle brings is part of a path, however well it is signed")
  func broughtByTheBundle() throws {
    let root = authority("root")
    let issuer = authority("issuer", under: root)
    let middle = authority("middle", under: root)
    let below = authority("below", under: middle)
    let trusted = [try world.authority([root])]
    #expect(try world.code(leaf(of: root), authorities: trusted) == nil)
    #expect(try world.code(leaf(of: issuer), authorities: trusted) == .noAuthority)
    #expect(try world.code(leaf(of: issuer), others: [issuer.certificate], authorities: trusted) == .noAuthority)
    let others = [below.certificate, middle.certificate]
    #expect(try world.code(leaf(of: below), others: others, authorities: trusted) == .noAuthority)
    #expect(
      try world.code(leaf(of: below), others: others, authorities: [world.authority([middle, root])]) == .noAuthority)
    let failure = #expect(throws: FulcioFailure.self) {
      try verifyChain(
        leaf: decodeLeaf(leaf(of: issuer)), others: [issuer.certificate], authorities: trusted,
        validAt: [UnixTime(seconds: world.now)])
    }
    #expect(failure?.detail == "its issuer is in the bundle alone, not in the trusted root")
  }

  @Test("case 28: an authority whose window has ended is not revived by a younger one under the same root")
  func retiredIntermediate() throws {
    let root = authority("root")
    let (old, new) = (authority("old", under: root), authority("new", under: root))
    let now = UnixTime(seconds: world.now)
    let retired = try world.authority(
      [old, root], window: TimeWindow(start: nil, end: UnixTime(seconds: world.now - 1)))
    let current = try world.authority([new, root], window: TimeWindow(start: now, end: nil))
    for authorities in [[retired, current], [current, retired]] {
      #expect(try world.code(leaf(of: new), authorities: authorities) == nil)
      #expect(try world.code(leaf(of: old), authorities: authorities, at: [world.now - 1]) == nil)
      for others in [[], [old.certificate], [old.certificate, new.certificate]] {
        #expect(try world.code(leaf(of: old), others: others, authorities: authorities) == .notValidAtTime)
      }
      // A certificate renewed for the old key, which the trusted root does not hold.
      let renewed = authority("old", under: root) { $0.serial = 77 }
      #expect(
        try world.code(leaf(of: old), others: [renewed.certificate], authorities: authorities) == .notValidAtTime)
    }
  }

  @Test("a leaf issued by another certificate of the chain than its first is none of this authority's")
  func issuedAbove() throws {
    let root = authority("root")
    let issuer = authority("issuer", under: root)
    for restricted in [false, true] {
      let top =
        restricted
        ? authority("root") { $0.extensions.append(VirtualExtension("2.5.29.54", isCritical: true, [2, 1, 9])) } : root
      let middle = authority("middle", under: top)
      #expect(try world.code(leaf(of: middle), authorities: [world.authority([middle, top])]) == nil)
      #expect(try world.code(leaf(of: top), authorities: [world.authority([middle, top])]) == .noAuthority)
    }
    #expect(try world.code(leaf(of: root), authorities: [world.authority([issuer, root])]) == .noAuthority)
  }

  @Test("case 37: an intermediate that is no authority, or not for code signing")
  func intermediateProfile() throws {
    let root = authority("root")
    let noAuthority = authority("n", under: root) { $0.extensions[0] = .basicConstraints(isAuthority: false) }
    #expect(try fate(of: [noAuthority, root]) == .unusable)
    let noConstraints = authority("c", under: root) { $0.extensions.removeFirst() }
    #expect(try fate(of: [noConstraints, root]) == .unusable)
    let noSigning = authority("s", under: root) { $0.extensions[1] = .keyUsage([0, 6]) }
    #expect(try fate(of: [noSigning, root]) == .unusable)
    for (purposes, fate) in [
      ([codeSigning], .accepted), (["2.5.29.37.0"], .accepted), (nil, .accepted), (["1.3.6.1.5.5.7.3.8"], .unusable),
      (["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], .unusable), ([codeSigning, "1.3.6.1.5.5.7.3.1"], .accepted),
    ] as [([String]?, Fate)] {
      #expect(try self.fate(of: [authority("p", purposes: purposes, under: root), root]) == fate)
    }
    // A leaf issues nothing, whatever it signs.
    let signer = world.world.leafRequest()
    var request = CertificateTemplate(
      notBefore: start, notAfter: end, subjectPublicKeyInfo: VirtualKey(.p256, seed: "below").subjectPublicKeyInfo)
    request.extensions = [.keyUsage([0]), .extendedKeyUsage([codeSigning]), .alternativeNames(signer.names)]
    let named = world.leaf { $0.subject = DERWriter.name(commonName: "leaf") }
    let below = request.signed(issuer: DERWriter.name(commonName: "leaf"), key: signer.key)
    #expect(try world.code(named) == nil)
    #expect(try world.code(below, others: [named]) == .noAuthority)
  }

  @Test("case 84: an unknown critical extension anywhere in the path; the same one not critical is left alone")
  func criticalExtension() throws {
    func unknown(_ isCritical: Bool) -> VirtualExtension {
      VirtualExtension("1.2.3.4.5", isCritical: isCritical, [5, 0])
    }
    let root = authority("root")
    for isCritical in [true, false] {
      let issuer = authority("issuer", under: root) { $0.extensions.append(unknown(isCritical)) }
      #expect(try fate(of: [issuer, root]) == (isCritical ? .unusable : .accepted))
      let leaf = world.leaf { $0.extensions = [unknown(isCritical)] }
      #expect(try world.code(leaf) == (isCritical ? .criticalExtension : nil))
    }
    #expect(try world.code(world.leaf { $0.extensions = [.poison] }) == .criticalExtension)
  }

  @Test("case 28: an intermediate must have been valid at every trusted time, ends included")
  func intermediateLife() throws {
    let root = authority("root")
    let now = world.now
    let issuer = VirtualAuthority("short", seed: "path", notBefore: now, notAfter: now + 5, under: root)
    #expect(try fate(of: [issuer, root], at: [now, now + 5]) == .accepted)
    #expect(try fate(of: [issuer, root], at: [now - 1]) == .refused(.notValidAtTime))
    #expect(try fate(of: [issuer, root], at: [now + 6]) == .refused(.notValidAtTime))
    #expect(try fate(of: [issuer, root], at: [now, now + 6]) == .refused(.notValidAtTime))
  }

  @Test("an authority's key or signature that is too weak")
  func weak() throws {
    let root = authority("root")
    let issuer = authority("weak", kind: .rsa1024, under: root)
    // A key of this size is not even read.
    #expect(try fate(of: [issuer, root]) == .unusable)
    #expect(throws: CryptoFailure.self) { try world.authority([authority("weak root", kind: .rsa1024)]) }
    for kind in [VirtualKey.Kind.p256, .p384, .p521, .rsa2048, .rsa4096, .ed25519] {
      let good = authority("good \(kind)", kind: kind, under: root)
      #expect(try fate(of: [good, root]) == .accepted, "\(kind)")
    }
  }

  @Test("case 37: a self-issued certificate among the others, the trusted root itself or a stranger")
  func rootInBundle() throws {
    let root = authority("root")
    let issuer = authority("issuer", under: root)
    let trusted = [try world.authority([issuer, root])]
    for extra in [root, authority("stranger")] {
      #expect(try world.code(leaf(of: issuer), others: [extra.certificate], authorities: trusted) == .rootInBundle)
      let others = [issuer.certificate, extra.certificate]
      #expect(try world.code(leaf(of: issuer), others: others, authorities: trusted) == .rootInBundle)
    }
    #expect(try world.code(leaf(of: issuer), others: [issuer.certificate], authorities: trusted) == nil)
  }

  @Test("case 37: an authority of the trusted root is no leaf, neither intermediate nor root")
  func authorityAsLeaf() throws {
    for authority in world.world.fulcio.authorities {
      #expect(try world.code(authority.certificate) == .notLeaf)
    }
  }

  @Test("what several authorities have against a leaf: the one that issued it says why")
  func mostSpecific() throws {
    let other = VirtualSigstore(seed: "another world")
    let twin = try world.authority(other.fulcio.authorities)
    let late = world.leaf { $0.notAfter = world.now - 1 }
    let stranger = try world.authority([authority("stranger")])
    #expect(try world.code(late, authorities: [world.authority()]) == .notValidAtTime)
    #expect(try world.code(late, authorities: [stranger, world.authority()]) == .notValidAtTime)
    #expect(try world.code(late, authorities: [world.authority(), stranger]) == .notValidAtTime)
    #expect(try world.code(late, authorities: [world.authority(), twin]) == .notValidAtTime)
  }
}
