import FulcioCert
import OpenSSLCrypto
import RekorCheck
import SigstoreBundle
import SigstoreTrust
import Testing
import VirtualSigstore
import WireCoding

/// Several instances of a kind in one trusted root: each stands or falls alone, in its place.
@Suite("Instances of a trusted root")
struct InstanceTests {
  private let world = VirtualSigstore()

  private func root(timestamps: Bool = true, _ change: (inout JSONDraft) -> Void) throws -> TrustedRoot {
    var draft = world.trustedRoot()
    change(&draft)
    return try TrustedRoot(parsing: draft.bytes, timestamps: timestamps)
  }

  private func instance(_ list: String, _ changes: [(String, JSONDraft?)] = []) throws -> JSONDraft {
    var instance = try #require(world.trustedRoot()["\(list).0"])
    for (path, value) in changes { instance[path] = value }
    return instance
  }

  private func tsa(_ seed: String) -> JSONDraft {
    let tsa = VirtualTSA(seed: seed, notBefore: world.now - 9, notAfter: world.now + 9)
    return authority(tsa.chain, uri: "https://\(seed).virtual.test")
  }

  private func authority(_ chain: [[UInt8]], uri: String? = nil) -> JSONDraft {
    var authority = JSONDraft.object([
      ("certChain", .object([("certificates", .array(chain.map { .object([("rawBytes", .base64($0))]) }))])),
      ("validFor", .object([("start", .text("2021-01-01T00:00:00Z"))])),
    ])
    if let uri { authority["uri"] = .text(uri) }
    return authority
  }

  @Test("one bad key among three, at every place, takes itself out and no other", arguments: 0...2)
  func oneBad(place: Int) throws {
    for list in ["tlogs", "ctlogs"] {
      var logs = try (0..<3).map { try instance(list, [("baseUrl", .text("https://log\($0).virtual.test/"))]) }
      logs[place]["publicKey.rawBytes"] = .base64([1, 2, 3])
      let root = try root { $0[list] = .array(logs) }
      let names = list == "tlogs" ? root.transparencyLogs.map(\.name) : root.certificateLogs.map(\.name)
      #expect(names == (0..<3).filter { $0 != place }.map { "log\($0).virtual.test" })
      #expect(root.disabled.count == 1)
      #expect(root.disabled.first?.hasPrefix("https://log\(place).virtual.test/: ") == true)
    }
  }

  @Test("one bad authority among three, at every place", arguments: 0...2)
  func oneBadAuthority(place: Int) throws {
    let good = world.fulcio.authorities.map(\.certificate)
    var chains = [JSONDraft](repeating: authority(good, uri: "https://good.virtual.test"), count: 3)
    chains[place] = authority(good.reversed(), uri: "https://bad.virtual.test")
    var stamps = ["a", "b", "c"].map { tsa($0) }
    // Fulcio's intermediate is for code signing alone.
    stamps[place] = authority([good[0]], uri: "https://bad-tsa.virtual.test")
    let root = try root {
      $0["certificateAuthorities"] = .array(chains)
      $0["timestampAuthorities"] = .array(stamps)
    }
    #expect(root.authorities.count == 2)
    #expect(root.timestampAuthorities.count == 2)
    #expect(
      root.disabled.map { $0.prefix { $0 != " " } } == ["https://bad.virtual.test:", "https://bad-tsa.virtual.test:"])
    #expect(root.transparencyLogs.count == 1)
  }

  @Test("timestamp authorities are left out where the caller has no timestamp, bad ones too")
  func withoutTimestamps() throws {
    let change = { (draft: inout JSONDraft) in
      draft["timestampAuthorities"] = .array([tsa("a"), authority([[0x30, 0x00]])])
    }
    let (with, without) = (try root(change), try root(timestamps: false, change))
    #expect(with.timestampAuthorities.count == 1)
    #expect(with.disabled.count == 1)
    #expect(without.timestampAuthorities.isEmpty)
    #expect(without.disabled.isEmpty)
  }

  @Test("case 54: a root of nothing at all loads, and trusts nobody")
  func empty() throws {
    let media = JSONDraft.text("application/vnd.dev.sigstore.trustedroot+json;version=0.1")
    let root = try TrustedRoot(parsing: JSONDraft.object([("mediaType", media)]).bytes)
    #expect(root.authorities.isEmpty && root.transparencyLogs.isEmpty)
    #expect(root.certificateLogs.isEmpty && root.timestampAuthorities.isEmpty)
    #expect(root.disabled.isEmpty)
  }

  @Test("every media type in circulation")
  func mediaTypes() throws {
    for type in ["+json;version=0.1", ".v0.1+json", ".v0.2+json"] {
      let root = try root { $0["mediaType"] = .text("application/vnd.dev.sigstore.trustedroot" + type) }
      #expect(root.transparencyLogs.count == 1)
    }
    for type in ["+json;version=0.3", ".v0.3+json", "+json", "+json;version=0.1 "] {
      let failure = #expect(throws: BundleFailure.self) {
        _ = try root { $0["mediaType"] = .text("application/vnd.dev.sigstore.trustedroot" + type) }
      }
      #expect(failure?.code == .rootMalformed, "\(type)")
    }
  }

  @Test("the name of a log is its base URL without scheme and without slashes at the end")
  func names() throws {
    for (url, name) in [
      ("https://a.example", "a.example"), ("https://a.example/", "a.example"), ("http://a.example//", "a.example"),
      ("https://a.example/2022", "a.example/2022"), ("a.example", "a.example"), ("", ""),
      ("ftp://a.example", "ftp://a.example"),
    ] {
      #expect(try root { $0["tlogs.0.baseUrl"] = .text(url) }.transparencyLogs.map(\.name) == [name])
    }
  }

  @Test("windows, operators, log ids and key hints come over as they are written")
  func fields() throws {
    let root = try root {
      for list in ["tlogs", "ctlogs"] {
        $0["\(list).0.operator"] = .text("somebody")
        $0["\(list).0.publicKey.validFor"] = .object([
          ("start", .text("2021-01-12T11:53:27Z")), ("end", .text("2022-10-31T23:59:59.999Z")),
        ])
      }
      $0["tlogs.0.checkpointKeyId"] = .object([("keyId", .base64([1, 2, 3, 4]))])
      $0["certificateAuthorities.0.validFor"] = .object([("start", .text("2021-03-07T03:20:29Z"))])
    }
    let window = TimeWindow(
      start: UnixTime(seconds: 1_610_452_407), end: UnixTime(seconds: 1_667_260_799, nanoseconds: 999_000_000))
    let log = try #require(root.transparencyLogs.first)
    #expect(log.validFor == window)
    #expect(log.operator == "somebody")
    #expect(log.logID == world.rekor.logID)
    #expect(log.keyHint == [1, 2, 3, 4])
    let ct = try #require(root.certificateLogs.first)
    #expect(ct.validFor == window)
    #expect(ct.operator == "somebody")
    #expect(ct.logID == world.fulcio.log.logID)
    #expect(root.authorities.first?.validFor == TimeWindow(start: UnixTime(seconds: 1_615_087_229), end: nil))
    #expect(root.authorities.first?.certificates.map(\.der) == world.fulcio.authorities.map(\.certificate))
  }

  @Test("case 21: a transparency log owes the start of its window; the others may leave it open")
  func openWindows() throws {
    let open = try root {
      $0["ctlogs.0.publicKey.validFor"] = nil
      $0["certificateAuthorities.0.validFor"] = nil
    }
    #expect(open.certificateLogs.first?.validFor == TimeWindow(start: nil, end: nil))
    #expect(open.authorities.first?.validFor == TimeWindow(start: nil, end: nil))
    for value in [nil, .object([("end", .text("2030-01-01T00:00:00Z"))]), .raw("null")] as [JSONDraft?] {
      let failure = #expect(throws: BundleFailure.self) { _ = try root { $0["tlogs.0.publicKey.validFor"] = value } }
      #expect(failure?.code == .rootMalformed)
    }
  }

  @Test("case 44: a list has a limit")
  func limit() throws {
    let log = try instance("ctlogs")
    #expect(try root { $0["ctlogs"] = .array([JSONDraft](repeating: log, count: 128)) }.certificateLogs.count == 128)
    let failure = #expect(throws: BundleFailure.self) {
      _ = try root { $0["ctlogs"] = .array([JSONDraft](repeating: log, count: 129)) }
    }
    #expect(failure?.code == .rootMalformed)
  }

  @Test("case 42: names that two readers read in two ways")
  func spelling() {
    let text = world.trustedRoot().rendered
    for changed in [
      text.replacing("\"tlogs\":", with: "\"tlogs\":[],\"tlogs\":"),
      text.replacing("\"tlogs\":", with: "\"\\u0074logs\":[],\"tlogs\":"),
      text.replacing("\"ctlogs\":", with: "\"certificate_authorities\":[],\"ctlogs\":"),
      text.replacing("\"rawBytes\":", with: "\"raw_bytes\":\"\",\"rawBytes\":"), text + "{}", "\u{feff}" + text,
    ] {
      let failure = #expect(throws: BundleFailure.self) { _ = try TrustedRoot(parsing: Array(changed.utf8)) }
      #expect(failure?.code == .rootMalformed)
    }
    #expect(throws: Never.self) { _ = try TrustedRoot(parsing: Array(text.utf8)) }
  }

  @Test("a file is described by its digest")
  func description() throws {
    let bytes = world.trustedRoot().bytes
    let root = try TrustedRoot(parsing: bytes)
    #expect(root.sourceDescription.contains(Encoding.hex(Array(HashName.sha256(bytes).prefix(8)))))
  }
}
