import Glibc
import SigstoreTrust
import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// What `nexo trust` keeps is read here too, and verified anew.
@Suite("The kept trusted root")
struct KeptRootTests {
  private let signed = SignedFolder()
  private let home: String

  init() throws {
    home = signed.folder.path + "-home"
    var path = home
    for part in ["", "/state", "/trust", "/tuf-repo-cdn.sigstore.dev"] {
      path += part
      mkdir(path, 0o700)
    }
  }

  private var file: String { home + "/state/trust/tuf-repo-cdn.sigstore.dev/trust.pack" }

  private func write(_ bytes: [UInt8]) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
  }

  private func verify(_ more: [String] = [], variables: [String] = [], now: Int64 = 1_787_400_000) throws -> TestRun {
    TestRun.run(
      ["verify-blob", "--json"] + more + signed.bundle + signed.signer + [signed.blob],
      variables: ["NEXO_HOME=\(home)"] + variables, now: now)
  }

  private func source(_ run: TestRun) throws -> String { try run.json.field("trustedRoot").field("source").string() }

  @Test("is used where it is at least as new as the embedded one; SIGSTORE_NO_CACHE leaves it alone")
  func used() throws {
    #expect(try source(verify()).hasPrefix("embedded production root"))
    write(try #require(TrustRepository(.production).embeddedPack).bytes)
    #expect(try source(verify()).hasPrefix("kept trusted root of tuf-repo-cdn.sigstore.dev (root 15, timestamp 762"))
    #expect(try source(verify(variables: ["SIGSTORE_NO_CACHE=true"])).hasPrefix("embedded production root"))
    #expect(try source(verify(["--staging"])).hasPrefix("embedded staging root"))
    #expect(try source(verify(["--trusted-root", signed.root])).hasPrefix("trusted root file"))
    #expect(try source(verify(variables: ["TUF_ROOT=\(home)/state/trust"])).hasPrefix("kept trusted root"))
    #expect(try source(verify(variables: ["TUF_ROOT=\(home)"])).hasPrefix("embedded"))
  }

  @Test("case 51: refused by name where it was altered, and never passed over in silence")
  func altered() throws {
    var bytes = try #require(TrustRepository(.production).embeddedPack).bytes
    bytes[bytes.count - 60] ^= 1
    write(bytes)
    let run = try verify()
    #expect(run.code == "trust.cacheInvalid" && run.status == 1)
    write(Array("{}".utf8))
    #expect(try verify().code == "trust.cacheInvalid")
    // Who names a root needs no other.
    #expect(try verify(["--trusted-root", signed.root]).status == 0)
  }

  @Test("its age is in the trace of every verdict, and --max-trust-age turns it into a refusal")
  func age() throws {
    func fact(_ run: TestRun, _ name: String) throws -> String {
      let first = try #require(try run.json.field("trace").elements(atMost: 100).first)
      #expect(try first.field("step").string() == "trust")
      return try first.field("facts").field(name).string()
    }
    #expect(try fact(verify(), "ageInDays") == "0")
    #expect(try fact(verify(), "refreshed") == "2026-08-22T00:00:00Z")
    let later: Int64 = 1_787_400_000 + 40 * 86_400
    #expect(try fact(verify(now: later), "ageInDays") == "40")
    #expect(try verify(["--max-trust-age", "39"], now: later).code == "trust.tooOld")
    #expect(try verify(["--max-trust-age", "40"], now: later).code != "trust.tooOld")
    // Of a plain file nobody knows the age.
    #expect(try verify(["--trusted-root", signed.root]).status == 0)
    #expect(try verify(["--trusted-root", signed.root, "--max-trust-age", "36525"]).code == "trust.tooOld")
    // A clock before the last refresh: the age is unknown.
    #expect(try verify(["--max-trust-age", "36525"], now: 1_700_000_000).code == "trust.tooOld")
    for text in ["-1", "x", "", "1.5", "99999", "01"] {
      #expect(try verify(["--max-trust-age=\(text)"]).code == "usage.flag")
    }
  }

  @Test("an embedded root counts as stale when its root metadata has expired")
  func stale() throws {
    func cautions(_ run: TestRun) throws -> [String] {
      try run.json.field("cautions").elements(atMost: 20).map { try $0.field("code").string() }
    }
    #expect(try !cautions(verify(now: 1_795_183_097)).contains("trust.stale"))
    #expect(try cautions(verify(now: 1_795_183_098)).contains("trust.stale"))
    // A kept one, when the first of its metadata has: a week after the last refresh.
    write(try #require(TrustRepository(.production).embeddedPack).bytes)
    #expect(try cautions(verify(now: 1_787_400_000 + 7 * 86_400)).contains("trust.stale"))
  }
}
