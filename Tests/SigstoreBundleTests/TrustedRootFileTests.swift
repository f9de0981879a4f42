import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Trusted root files")
struct TrustedRootFileTests {
  private static let draft = VirtualSigstore().trustedRoot()

  private static func file(_ change: (inout JSONDraft) -> Void) throws(BundleFailure) -> TrustedRootFile {
    var draft = Self.draft
    change(&draft)
    return try TrustedRootFile(parsing: draft.bytes)
  }

  private static func failure(_ change: (inout JSONDraft) -> Void) -> BundleFailure? {
    do throws(BundleFailure) {
      _ = try file(change)
      return nil
    } catch { return error }
  }

  @Test("what stands in the file is what is read")
  func values() throws {
    let world = VirtualSigstore()
    let file = try Self.file {
      $0["tlogs.0.operator"] = .text("sigstore.dev")
      $0["tlogs.0.checkpointKeyId"] = .object([("keyId", .base64([1, 2, 3, 4]))])
      $0["tlogs.0.publicKey.validFor.end"] = .text("2030-01-01T00:00:00Z")
    }
    let log = try #require(file.transparencyLogs.first)
    #expect(log.baseURL == "https://\(world.rekor.host)")
    #expect(log.hashAlgorithm == "SHA2_256")
    #expect(log.key == world.rekor.key.subjectPublicKeyInfo)
    #expect(log.keyDetails == "PKIX_ECDSA_P256_SHA_256")
    #expect(log.logID == world.rekor.logID)
    #expect(log.checkpointKeyID == [1, 2, 3, 4])
    #expect(log.operator == "sigstore.dev")
    #expect(
      log.validFor
        == TimeWindow(start: UnixTime(seconds: 1_609_459_200), end: UnixTime(seconds: 1_893_456_000)))
    #expect(file.certificateLogs.map(\.logID) == [world.fulcio.log.logID])
    #expect(file.certificateLogs.first?.checkpointKeyID == nil)
    #expect(file.certificateLogs.first?.operator == nil)
    let authority = try #require(file.certificateAuthorities.first)
    #expect(authority.uri == "https://fulcio.virtual.test")
    #expect(authority.certificates == world.fulcio.authorities.map(\.certificate))
    #expect(authority.validFor == TimeWindow(start: UnixTime(seconds: 1_609_459_200), end: nil))
    #expect(file.timestampAuthorities.isEmpty)
  }

  @Test(
    "three media types are known",
    arguments: [
      "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      "application/vnd.dev.sigstore.trustedroot.v0.1+json", "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ])
  func mediaTypes(text: String) {
    #expect(Self.failure { $0["mediaType"] = .text(text) } == nil)
  }

  @Test(
    "and no other is",
    arguments: [
      "", "application/json", "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
      "application/vnd.dev.sigstore.trustedroot.v0.3+json", "application/vnd.dev.sigstore.trustedroot.v0.1+json ",
      "Application/vnd.dev.sigstore.trustedroot.v0.1+json",
      // A Greek question mark, which Swift takes for the semicolon that it looks like.
      "application/vnd.dev.sigstore.trustedroot+json\u{37e}version=0.1",
      "application/vnd.dev.sigstore.bundle.v0.3+json",
    ])
  func otherMediaTypes(text: String) {
    let failure = Self.failure { $0["mediaType"] = .text(text) }
    #expect(failure?.code == .rootMalformed)
    #expect(failure?.got == text)
  }

  @Test("case 54: a list that is absent, null or empty is empty", arguments: ["absent", "null", "[]"])
  func absentLists(form: String) throws {
    let value: JSONDraft? = form == "absent" ? nil : .raw(form)
    #expect(try Self.file { $0["tlogs"] = value }.transparencyLogs.isEmpty)
    #expect(try Self.file { $0["ctlogs"] = value }.certificateLogs.isEmpty)
    #expect(try Self.file { $0["certificateAuthorities"] = value }.certificateAuthorities.isEmpty)
    #expect(try Self.file { $0["timestampAuthorities"] = value }.timestampAuthorities.isEmpty)
  }

  @Test("case 21: a transparency log needs the start of its window; the others may do without")
  func windows() throws {
    for (path, place) in [
      ("tlogs.0.publicKey.validFor", "$.tlogs[0].publicKey"),
      ("tlogs.0.publicKey.validFor.start", "$.tlogs[0].publicKey.validFor"),
    ] {
      for value in [nil, JSONDraft.raw("null")] {
        let failure = Self.failure { $0[path] = value }
        #expect(failure?.code == .rootMalformed)
        #expect(failure?.place == place)
      }
    }
    let open = TimeWindow(start: nil, end: nil)
    for field in ["validFor", "validFor.start"] {
      #expect(try Self.file { $0["ctlogs.0.publicKey.\(field)"] = nil }.certificateLogs.first?.validFor == open)
      let file = try Self.file { $0["certificateAuthorities.0.\(field)"] = nil }
      #expect(file.certificateAuthorities.first?.validFor == open)
    }
    #expect(Self.failure { $0["tlogs.0.publicKey.validFor.end"] = .raw("null") } == nil)
  }

  @Test("times with a fraction and an offset are read to the nanosecond")
  func times() throws {
    let path = "tlogs.0.publicKey.validFor.start"
    for (text, seconds, nanoseconds) in [
      ("2021-01-12T11:53:27.000Z", 1_610_452_407, 0), ("2021-01-12T11:53:27.5Z", 1_610_452_407, 500_000_000),
      ("2021-01-12T11:53:27.000000001Z", 1_610_452_407, 1), ("2021-01-12T12:53:27+01:00", 1_610_452_407, 0),
    ] as [(String, Int64, UInt32)] {
      let start = try Self.file { $0[path] = .text(text) }.transparencyLogs.first?.validFor.start
      #expect(start == UnixTime(seconds: seconds, nanoseconds: nanoseconds), "\(text)")
    }
    for text in ["yesterday", "", "2021-01-12", "2021-02-30T00:00:00Z", "2021-01-12T11:53:27"] {
      for end in ["start", "end"] {
        let failure = Self.failure { $0["tlogs.0.publicKey.validFor.\(end)"] = .text(text) }
        #expect(failure?.code == .rootMalformed)
        #expect(failure?.place == "$.tlogs[0].publicKey.validFor.\(end)")
        #expect(failure?.got == text)
      }
    }
    #expect(Self.failure { $0[path] = .raw("1610452407") }?.place == "$.tlogs[0].publicKey.validFor.start")
  }

  @Test(
    "a required field that is missing is named",
    arguments: [
      "mediaType", "tlogs.0.publicKey", "tlogs.0.publicKey.rawBytes", "tlogs.0.publicKey.keyDetails", "tlogs.0.logId",
      "tlogs.0.logId.keyId", "ctlogs.0.publicKey", "ctlogs.0.publicKey.rawBytes", "ctlogs.0.publicKey.keyDetails",
      "ctlogs.0.logId", "ctlogs.0.logId.keyId", "certificateAuthorities.0.certChain",
      "certificateAuthorities.0.certChain.certificates.0.rawBytes",
    ])
  func missing(path: String) {
    let failure = Self.failure { $0[path] = nil }
    #expect(failure?.code == .rootMalformed)
    #expect(failure?.place == "$." + path.replacing(".0", with: "[0]"))
  }

  @Test("an optional field may be missing", arguments: ["tlogs.0.baseUrl", "tlogs.0.hashAlgorithm"])
  func optional(path: String) throws {
    let log = try Self.file { $0[path] = nil }.transparencyLogs.first
    #expect((path.hasSuffix("baseUrl") ? log?.baseURL : log?.hashAlgorithm) == "")
  }

  @Test(
    "a field of another type or form is named",
    arguments: [
      ("mediaType", "1"), ("tlogs", "{}"), ("tlogs.0", "[]"), ("tlogs.0.baseUrl", "1"),
      ("tlogs.0.publicKey.rawBytes", "\"AAA\""), ("tlogs.0.publicKey.keyDetails", "7"), ("tlogs.0.logId", "\"AAAA\""),
      ("tlogs.0.logId.keyId", "\"-_-_\""), ("tlogs.0.publicKey.validFor", "\"\""), ("ctlogs", "\"\""),
      ("certificateAuthorities", "true"), ("certificateAuthorities.0.uri", "{}"),
      ("certificateAuthorities.0.certChain.certificates", "{}"),
      ("certificateAuthorities.0.certChain.certificates.1.rawBytes", "\"A\\nAA\""),
    ])
  func wrong(path: String, value: String) {
    let failure = Self.failure { $0[path] = .raw(value) }
    #expect(failure?.code == .rootMalformed)
    #expect(failure?.place == "$." + path.replacing(".0", with: "[0]").replacing(".1", with: "[1]"))
  }

  @Test("an authority has certificates, and not more than ten")
  func certificates() throws {
    let path = "certificateAuthorities.0.certChain.certificates"
    let one = try #require(Self.draft[path + ".0"])
    for (count, isAccepted) in [(0, false), (1, true), (10, true), (11, false)] {
      let failure = Self.failure { $0[path] = .array([JSONDraft](repeating: one, count: count)) }
      #expect(failure?.code == (isAccepted ? nil : .rootMalformed), "\(count)")
    }
    #expect(Self.failure { $0[path] = nil }?.place == "$.certificateAuthorities[0].certChain")
  }

  @Test("case 44: a list has 128 instances at most", arguments: ["tlogs", "ctlogs", "certificateAuthorities"])
  func instances(path: String) throws {
    let one = try #require(Self.draft[path + ".0"])
    let many = { (count: Int) in JSONDraft.array([JSONDraft](repeating: one, count: count)) }
    #expect(Self.failure { $0[path] = many(128) } == nil)
    let failure = Self.failure { $0[path] = many(129) }
    #expect(failure?.code == .rootMalformed)
    #expect(failure?.place == "$." + path)
  }

  @Test(
    "case 42: the spelling with underscores is refused, beside the right one or in its place",
    arguments: [
      ("", "certificate_authorities"), ("", "timestamp_authorities"), ("", "media_type"), ("tlogs.0.", "base_url"),
      ("tlogs.0.", "public_key"), ("tlogs.0.", "log_id"), ("tlogs.0.", "checkpoint_key_id"),
      ("tlogs.0.publicKey.", "raw_bytes"), ("tlogs.0.publicKey.", "valid_for"), ("ctlogs.0.", "hash_algorithm"),
      ("certificateAuthorities.0.", "cert_chain"), ("certificateAuthorities.0.", "valid_for"),
    ])
  func spelling(parent: String, name: String) {
    let failure = Self.failure { $0[parent + name] = .raw("null") }
    #expect(failure?.code == .rootMalformed)
    #expect(failure?.got == name)
    #expect(Self.failure { $0[parent + "not_known"] = .raw("null") } == nil)
  }

  @Test(
    "what is no strict JSON object is no trusted root",
    arguments: [
      "", " ", "[]", "null", "{", "{}", "{\"mediaType\":null}", "{\"tlogs\":[],\"tlogs\":[]}", "\u{feff}{}", "{}{}",
    ])
  func noObject(text: String) {
    let failure = #expect(throws: BundleFailure.self) { _ = try TrustedRootFile(parsing: Array(text.utf8)) }
    #expect(failure?.code == .rootMalformed)
    #expect(failure?.detail != nil)
  }
}
