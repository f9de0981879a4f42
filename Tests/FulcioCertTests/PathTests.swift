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

  /// Through intermediates of the bundle, below one trusted root.
  private func code(
    _ root: VirtualAuthority, through others: [VirtualAuthority], at times: [Int64]? = nil
  ) throws -> FulcioCode? {
    let issuer = try #require(others.first)
    return try world.code(
      leaf(of: issuer), others: others.map(\.certificate), authorities: [world.authority([root])], at: times)
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

  @Test("case 37: path lengths hold through intermediates that the bundle brings")
  func pathLength() throws {
    for (limit, isAccepted) in [(nil, true), (2, true), (1, true), (0, false)] as [(UInt64?, Bool)] {
      let root = authority("root", pathLength: limit)
      let issuer = authority("issuer", under: root)
      #expect(try code(root, through: [issuer]) == (isAccepted ? nil : .pathLength), "\(limit.debugDescription)")
    }
    let root = authority("root", pathLength: 1)
    let middle = authority("middle", under: root)
    let issuer = authority("issuer", under: middle)
    #expect(try code(root, through: [issuer, middle]) == .pathLength)
    let open = authority("open")
    let closed = authority("closed", pathLength: 0, under: open)
    #expect(try code(open, through: [closed]) == nil)
    #expect(try code(open, through: [authority("issuer", under: closed), closed]) == .pathLength)
  }

  @Test("the bundle's intermediates in any order, with useless ones between")
  func order() throws {
    let root = authority("root")
    let middle = authority("middle", under: root)
    let issuer = authority("issuer", under: middle)
    let stranger = authority("stranger", under: authority("elsewhere"))
    for others in [[issuer, middle], [issuer, stranger, middle], [issuer, middle, stranger]] {
      #expect(try code(root, through: others) == nil)
    }
    let reversed = [middle.certificate, issuer.certificate]
    #expect(try world.code(leaf(of: issuer), others: reversed, authorities: [world.authority([root])]) == nil)
    #expect(try code(root, through: [issuer]) == .noAuthority)
    #expect(try code(root, through: [issuer, stranger]) == .noAuthority)
  }

  @Test("case 37: an intermediate that is no authority, or not for code signing")
  func intermediateProfile() throws {
    let root = authority("root")
    let noAuthority = authority("n", under: root) { $0.extensions[0] = .basicConstraints(isAuthority: false) }
    #expect(try code(root, through: [noAuthority]) == .noAuthority)
    let noConstraints = authority("c", under: root) { $0.extensions.removeFirst() }
    #expect(try code(root, through: [noConstraints]) == .noAuthority)
    let noSigning = authority("s", under: root) { $0.extensions[1] = .keyUsage([0, 6]) }
    #expect(try code(root, through: [noSigning]) == .noAuthority)
    for (purposes, code) in [
      ([codeSigning], nil), (["2.5.29.37.0"], nil), (nil, nil), (["1.3.6.1.5.5.7.3.8"], .ekuMissing),
      (["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], .ekuMissing), ([codeSigning, "1.3.6.1.5.5.7.3.1"], nil),
    ] as [([String]?, FulcioCode?)] {
      #expect(try self.code(root, through: [authority("p", purposes: purposes, under: root)]) == code)
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
      #expect(try code(root, through: [issuer]) == (isCritical ? .criticalExtension : nil))
      let leaf = world.leaf { $0.extensions = [unknown(isCritical)] }
      #expect(try world.code(leaf) == (isCritical ? .criticalExtension : nil))
    }
    #expect(try world.code(world.leaf { $0.extensions = [.poison] }) == .criticalExtension)
  }

  @Test("case 28: an intermediate of the bundle must have been valid at every trusted time, ends included")
  func intermediateLife() throws {
    let root = authority("root")
    let now = world.now
    let issuer = VirtualAuthority("short", seed: "path", notBefore: now, notAfter: now + 5, under: root)
    #expect(try code(root, through: [issuer], at: [now, now + 5]) == nil)
    #expect(try code(root, through: [issuer], at: [now - 1]) == .notValidAtTime)
    #expect(try code(root, through: [issuer], at: [now + 6]) == .notValidAtTime)
    #expect(try code(root, through: [issuer], at: [now, now + 6]) == .notValidAtTime)
  }

  @Test("an authority's key or signature that is too weak")
  func weak() throws {
    let root = authority("root")
    let issuer = authority("weak", kind: .rsa1024, under: root)
    // A key of this size is not even read.
    #expect(try code(root, through: [issuer]) == .certificateMalformed)
    #expect(throws: CryptoFailure.self) { try world.authority([authority("weak root", kind: .rsa1024)]) }
    for kind in [VirtualKey.Kind.p256, .p384, .p521, .rsa2048, .rsa4096, .ed25519] {
      let good = authority("good \(kind)", kind: kind, under: root)
      #expect(try code(root, through: [good]) == nil, "\(kind)")
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
