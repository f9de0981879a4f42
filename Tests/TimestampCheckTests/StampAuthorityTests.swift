import OpenSSLCrypto
import Testing
import TimestampCheck
import VirtualSigstore
import WireCoding

/// Which authorities may be prepared, and whose stamps they then answer for.
@Suite("Timestamp authorities")
struct StampAuthorityTests {
  private static let now = StampWorld.now
  private static let stamping = "1.3.6.1.5.5.7.3.8"
  private let world = StampWorld()

  /// Signer, intermediate and root; the intermediate's life and purposes as wanted.
  private static func threeLevels(
    from start: Int64 = now - 1000, until end: Int64 = now + 1000, purposes: [String]? = [stamping]
  ) -> VirtualTSA {
    VirtualTSA(
      seed: "three", notBefore: now - 1000, notAfter: now + 1000,
      under: { root in
        VirtualAuthority(
          "tsa-intermediate", seed: "three", notBefore: start, notAfter: end, purposes: purposes, under: root)
      })
  }

  private func authority(_ certificates: [[UInt8]], window: TimeWindow = StampWorld.always) throws
    -> TimestampAuthority
  {
    try TimestampAuthority(certificates: certificates, validFor: window)
  }

  @Test("chains of two and three certificates, whole or ending in an intermediate, or the signer alone")
  func lengths() throws {
    let three = StampWorld(tsa: Self.threeLevels())
    let stamp = three.stamp()
    for length in 1...3 {
      let authority = try authority(Array(three.tsa.chain.prefix(length)))
      #expect(try three.answer(to: stamp, [authority]) == .accepted, "\(length)")
    }
    #expect(try world.answer(to: world.stamp(), [authority([world.tsa.certificate])]) == .accepted)
    let result = try three.result([stamp])
    #expect(result.verified.first?.signerName == "O=virtual.test, CN=tsa")
    #expect(result.verified.first?.authorityWindow == StampWorld.always)
    #expect(result.verified.first?.time == UnixTime(seconds: Self.now))
  }

  @Test("case 27: every certificate of the chain must have been valid then, its ends included")
  func intermediateLife() throws {
    let now = Self.now
    let cases: [(Int64, Int64, StampWorld.Answer)] = [
      (now, now, .accepted), (now - 9, now - 1, .refused(.outsideWindow)), (now + 1, now + 9, .refused(.outsideWindow)),
    ]
    for (start, end, answer) in cases {
      let world = StampWorld(tsa: Self.threeLevels(from: start, until: end))
      #expect(try world.answer(to: world.stamp()) == answer, "\(start) to \(end)")
    }
    let early = StampWorld(tsa: VirtualTSA(seed: "early", notBefore: now - 9, notAfter: now - 1))
    #expect(try early.answer(to: early.stamp()) == .refused(.outsideWindow))
    let late = StampWorld(tsa: VirtualTSA(seed: "late", notBefore: now + 1, notAfter: now + 9))
    #expect(try late.answer(to: late.stamp()) == .refused(.outsideWindow))
    let exact = StampWorld(tsa: VirtualTSA(seed: "exact", notBefore: now, notAfter: now))
    #expect(try exact.answer(to: exact.stamp()) == .accepted)
    // A fraction of a second after the last one is after it.
    #expect(try exact.answer { $0.time = "20231114221320.001" } == .refused(.outsideWindow))
  }

  @Test("case 27: the authority's window is its own; a second one of the same key may hold")
  func windows() throws {
    let time = UnixTime(seconds: Self.now)
    let past = TimeWindow(start: nil, end: UnixTime(seconds: Self.now - 1))
    let future = TimeWindow(start: UnixTime(seconds: Self.now + 1), end: nil)
    let chain = world.tsa.chain
    let stamp = world.stamp()
    let refused = StampWorld.Answer.refused(.outsideWindow)
    #expect(try world.answer(to: stamp, [authority(chain, window: past)]) == refused)
    #expect(try world.answer(to: stamp, [authority(chain, window: future)]) == refused)
    #expect(try world.answer(to: stamp, [authority(chain, window: TimeWindow(start: time, end: time))]) == .accepted)
    for pair in [[past, StampWorld.always], [StampWorld.always, past], [past, future]] {
      let authorities = try pair.map { try authority(chain, window: $0) }
      let holds = pair.contains(StampWorld.always)
      #expect(try world.answer(to: stamp, authorities) == (holds ? .accepted : refused))
    }
  }

  @Test("case 27: two authorities are never pooled: a stamp of one under the chain of the other")
  func isolated() throws {
    let other = StampWorld(tsa: Self.threeLevels())
    #expect(try world.answer(to: other.stamp(), [authority(world.tsa.chain)]) == .unknown)
    #expect(try other.answer(to: world.stamp(), [authority(other.tsa.chain)]) == .unknown)
    let both = [try authority(world.tsa.chain), try authority(other.tsa.chain)]
    for stamps in [[world.stamp(), other.stamp()], [other.stamp(), world.stamp()]] {
      let result = try world.result(stamps, both)
      #expect(result.verified.count == 2)
      #expect(result.unknownCount == 0)
    }
    // The signer of one with the issuer of the other is no chain.
    #expect(throws: CryptoFailure.self) { try authority([world.tsa.certificate, other.tsa.root.certificate]) }
  }

  @Test("case 27: one stamp of a trusted authority that does not hold spoils the good one, in both orders")
  func oneBad() throws {
    let bad: [([UInt8], TimestampCode)] = [
      (world.stamp { $0.imprint = [UInt8](repeating: 0, count: 32) }, .imprintMismatch),
      (world.stamp { $0.signingKey = VirtualKey(.p384, seed: "x") }, .untrusted),
      (world.stamp { $0.time = "20241114221320" }, .outsideWindow), (Array(world.stamp().dropLast()), .tokenMalformed),
      (world.stamp(), .duplicate),
    ]
    for (stamp, code) in bad {
      for stamps in [[world.stamp(), stamp], [stamp, world.stamp()]] {
        let failure = #expect(throws: TimestampFailure.self) { _ = try world.result(stamps) }
        #expect(failure?.code == code)
      }
    }
    // Two stamps of one authority are two, where they are not the same.
    let result = try world.result([world.stamp(), world.stamp { $0.nonce = 1 }])
    #expect(result.verified.count == 2)
  }

  @Test("case 27: the purpose of the signer where the token brings it along")
  func unpinnedPurpose() throws {
    for (purposes, isCritical, answer) in [
      ([Self.stamping], true, .accepted), ([Self.stamping], false, .refused(.ekuInvalid)),
      ([Self.stamping, Self.stamping], true, .refused(.ekuInvalid)), (["2.5.29.37.0"], true, .refused(.ekuInvalid)),
      (nil, true, .refused(.ekuInvalid)),
    ] as [([String]?, Bool, StampWorld.Answer)] {
      let tsa = VirtualTSA(
        seed: "u", notBefore: Self.now - 9, notAfter: Self.now + 9, purposes: purposes, purposesAreCritical: isCritical)
      let world = StampWorld(tsa: tsa)
      let issuer = [try authority([tsa.root.certificate])]
      #expect(try world.answer(issuer) { $0.certificates = [tsa.certificate] } == answer, "\(purposes ?? [])")
    }
  }

  @Test("case 27: where the token brings the signer along, only one that the authority issued counts")
  func unpinned() throws {
    let tsa = world.tsa
    let issuer = [try authority([tsa.root.certificate])]
    // The same names and numbers, other keys.
    let twin = VirtualTSA(seed: "twin", notBefore: Self.now - 1000, notAfter: Self.now + 1000)
    #expect(try world.answer(issuer) { $0.certificates = [tsa.certificate] } == .accepted)
    #expect(try world.answer(issuer) { $0.certificates = [twin.certificate, tsa.certificate] } == .accepted)
    #expect(try world.answer(issuer) { $0.certificates = [tsa.certificate, twin.certificate] } == .accepted)
    #expect(try world.answer(issuer) { $0.certificates = [[0x30, 0x00], tsa.certificate] } == .accepted)
    #expect(try world.answer(issuer) { $0.certificates = [twin.certificate] } == .unknown)
    #expect(try world.answer(issuer) { $0.certificates = [tsa.root.certificate] } == .unknown)
    #expect(try world.answer(issuer) { $0.certificates = [] } == .unknown)
    #expect(try world.answer(issuer) { $0.certificates = nil } == .unknown)
    let forged = twin.stamp(world.message, request { $0.certificates = [twin.certificate, tsa.certificate] })
    #expect(try world.answer(to: forged, issuer) == .refused(.untrusted))
  }

  private func request(_ change: (inout VirtualTSA.Request) -> Void) -> VirtualTSA.Request {
    var request = VirtualTSA.Request(time: StampWorld.nowText)
    change(&request)
    return request
  }

  @Test("no authority without certificates, out of order, with a stranger, or not for time stamping")
  func preparation() throws {
    let three = Self.threeLevels()
    let (signer, root) = (three.certificate, three.root.certificate)
    let intermediate = try #require(three.intermediate).certificate
    #expect(throws: Never.self) { try authority([signer, intermediate, root]) }
    #expect(throws: Never.self) { try authority([intermediate, root]) }
    for chain in [
      [], [signer, root], [root, intermediate, signer], [intermediate, signer, root],
      [signer, intermediate, root, root],
      [signer, world.tsa.root.certificate], [signer, [0x30, 0x00]], [signer + [0]],
    ] {
      #expect(throws: CryptoFailure.self, "\(chain.count)") { try authority(chain) }
    }
    let server = Self.threeLevels(purposes: ["1.3.6.1.5.5.7.3.1"])
    #expect(throws: CryptoFailure.self) { try authority(server.chain) }
    #expect(throws: Never.self) { try authority(Self.threeLevels(purposes: nil).chain) }
    #expect(throws: Never.self) { try authority(Self.threeLevels(purposes: ["2.5.29.37.0"]).chain) }
  }

  @Test("an issuer that may not issue is no authority")
  func noAuthority() {
    for adjust in [
      { $0.extensions[0] = .basicConstraints(isAuthority: false) }, { $0.extensions[1] = .keyUsage([0]) },
      { $0.extensions.removeFirst() },
    ] as [(inout CertificateTemplate) -> Void] {
      let tsa = VirtualTSA(
        seed: "n", notBefore: 0, notAfter: Self.now,
        under: {
          VirtualAuthority("tsa-intermediate", seed: "n", notBefore: 0, notAfter: Self.now, under: $0, adjust: adjust)
        })
      #expect(throws: CryptoFailure.self) { try authority(tsa.chain) }
    }
  }
}
