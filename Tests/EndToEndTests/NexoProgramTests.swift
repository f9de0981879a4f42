import Foundation
import Glibc
import Support
import Synchronization
import Testing
import VirtualSigstore

/// The built program `nexo` against a GitHub on a loopback address.
@Suite("The program nexo")
struct NexoProgramTests {
  /// A configuration in a scratch folder, and the environment that goes with it.
  private struct Home {
    let scratch = Scratch()
    let environment: [String: String]

    var config: String { scratch.path + "/config" }
    var plugins: String { scratch.path + "/plugins" }

    init(_ sample: SampleRelease, _ base: String) throws {
      environment = [
        "HOME": scratch.path, "NEXO_GITHUB_API_BASE": base, "NEXO_INSTALL_TARGET": "x86_64-unknown-linux-gnu",
      ]
      for name in ["config/extensions", "config/plugins"] {
        try FileManager.default.createDirectory(
          atPath: scratch.path + "/" + name, withIntermediateDirectories: true)
      }
      scratch.write("config/extensions/trusted_root.json", sample.world.trustedRoot().bytes)
      scratch.write("config/extensions/trusted_keys.toml", Array(sample.trustedKeys().utf8))
      scratch.write("config/plugins/discovery.yaml", Array("discovery: {search_paths: ['\(plugins)']}\n".utf8))
    }

    func run(_ arguments: String...) -> Outcome {
      Program.run([Program.nexo] + arguments, environment: environment)
    }

    var tree: [String] {
      ((FileManager.default.enumerator(atPath: plugins)?.allObjects as? [String]) ?? []).sorted()
    }
  }

  @Test("a limit on the size of files is an error like any other, and leaves nothing behind")
  func fileSizeLimit() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)])
    let home = try Home(sample, github.base)
    let said = Program.run(
      [
        "sh", "-c", "ulimit -f 1 && exec \"$0\" \"$@\"", Program.nexo, "plugin", "install", "example/plugin@v1.0.0",
        "--config", home.config, "--require-signature",
      ], environment: home.environment)
    #expect(said.status == 1)
    #expect(home.tree == [])
  }

  private static let installed = [
    "my_plugin-1.0.0", "my_plugin-1.0.0/.nexo-install.json", "my_plugin-1.0.0/bin", "my_plugin-1.0.0/bin/my_plugin",
    "my_plugin-1.0.0/lib", "my_plugin-1.0.0/lib/data.txt", "my_plugin-1.0.0/nexo-plugin.toml",
  ]

  @Test("install, list, audit and remove, as an operator types them")
  func life() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)])
    let home = try Home(sample, github.base)
    let installed = home.run(
      "plugin", "install", "example/plugin@v1.0.0", "--config", home.config, "--require-signature")
    #expect(installed.status == 0, "\(installed.standardError)")
    #expect(installed.standardOutput == "")
    // No terminal, no progress bar.
    #expect(!installed.standardError.contains("\r"))
    #expect(installed.standardError.contains("✓ Signature verified (identity: \(sample.identity))\n"))
    #expect(home.tree == Self.installed)
    let json = home.run("--config=\(home.config)", "plugin", "install", "example/plugin", "--json")
    #expect(json.status == 0)
    #expect(json.standardError == "")
    #expect(json.standardOutput.hasPrefix("{\"ok\":true,\"id\":\"my_plugin\",\"version\":\"1.0.0\","))
    #expect(json.standardOutput.contains("\"was_already_present\":true"))
    #expect(home.run("plugin", "list", "--config", home.config).standardOutput.hasPrefix("ID         VERSION"))
    #expect(home.run("plugin", "audit", "--config", home.config).status == 0)
    #expect(home.run("plugin", "remove", "my_plugin", "--config", home.config).status == 1)
    #expect(home.run("plugin", "remove", "my_plugin", "--yes", "--config", home.config).status == 0)
    #expect(home.tree == [])
  }

  @Test("trust on one host, carried to another without a network, and an install from a folder there")
  func trust() throws {
    let sample = SampleRelease()
    let expires = Int64(Date().timeIntervalSince1970) + 86_400
    let online = try TrustHome(sample, expires: expires)
    let server = try TUFServer(online.published)
    #expect(online.run("trust", "update", "--mirror", server.address, "--root", online.root).status == 0)
    let shown = online.run("trust", "show", "--root", online.root, "--json")
    #expect(shown.standardOutput.contains("\"source\":\"kept\"") && shown.standardOutput.contains("\"stale\":false"))
    let pack = online.home.scratch.path + "/root.pack"
    #expect(online.run("trust", "export", pack, "--root", online.root).status == 0)
    let offline = try TrustHome(sample, expires: expires)
    offline.home.scratch.write(
      "config/extensions/trust.toml", Array("mirror = \"https://tuf.invalid\"\nroot = \"tuf-root.json\"\n".utf8))
    for (name, bytes) in sample.assets() { offline.home.scratch.write(name, bytes) }
    let from = offline.home.scratch.path
    func install() -> Outcome {
      offline.run(
        "plugin", "install", "example/plugin@v1.0.0", "--from", from, "--require-signature", "--config",
        offline.home.config)
    }
    #expect(install().standardError.contains("(trust.cacheMissing)"))
    let imported = offline.run("trust", "import", pack, "--config", offline.home.config)
    #expect(imported.status == 0, "\(imported.standardError)")
    let installed = install()
    #expect(installed.status == 0, "\(installed.standardError)")
    #expect(offline.home.tree == Self.installed)
    #expect(offline.run("plugin", "audit", "--config", offline.home.config, "--max-trust-age", "1").status == 0)
  }

  /// A home whose Sigstore is an own one, on the real clock.
  private struct TrustHome {
    let home: Home
    let published: PublishedRepository
    let root: String

    init(_ sample: SampleRelease, expires: Int64) throws {
      home = try Home(sample, "http://127.0.0.1:1")
      try FileManager.default.removeItem(atPath: home.config + "/extensions/trusted_root.json")
      published = PublishedRepository(
        VirtualRepository(expires: expires),
        targets: [("trusted_root.json", sample.world.trustedRoot().bytes)])
      root = home.scratch.write("config/extensions/tuf-root.json", published.roots[0])
    }

    func run(_ arguments: String...) -> Outcome {
      Program.run([Program.nexo] + arguments, environment: home.environment)
    }
  }

  @Test("the embedded trusted root can be shown, exported and verified by a program that has nothing else")
  func trustAlone() {
    let scratch = Scratch()
    let environment = ["HOME": scratch.path]
    func run(_ arguments: String...) -> Outcome { Program.run([Program.nexo] + arguments, environment: environment) }
    let shown = run("trust", "show")
    #expect(shown.status == 0 && shown.standardOutput.contains("transparency log: https://rekor.sigstore.dev"))
    for flags in [[], ["--staging"]] {
      let pack = scratch.path + "/root.pack"
      #expect(Program.run([Program.nexo, "trust", "export", pack] + flags, environment: environment).status == 0)
      #expect(Program.run([Program.nexo, "trust", "verify", pack] + flags, environment: environment).status == 0)
    }
    #expect(run("trust", "verify", scratch.path + "/root.pack").status == 1, "staging's is not production's")
    #expect((try? FileManager.default.contentsOfDirectory(atPath: scratch.path)) == ["root.pack"], "nothing is kept")
    let refused = run("trust", "update", "--mirror", "https://somebody:secret@tuf.example")
    #expect(refused.status == 1 && !refused.standardError.contains("secret"))
  }

  @Test(
    "words that the program does not know end with 2 and say so",
    arguments: [
      ["frobnicate"], ["plugin", "frobnicate"], ["plugin", "install"], ["plugin", "install", "a/b", "--frob"],
      ["plugin", "install", "a/b", "c/d"], ["plugin", "install", "a/b", "--dest"],
      ["plugin", "install", "a/b", "--dest", "--json"], ["plugin", "install", "a/b", "--target", "-V"],
      ["plugin", "install", "a/b", "--json=true"], ["plugin", "fetch", "a/b"], ["plugin"], [],
      ["trust"], ["trust", "frobnicate"], ["trust", "export"], ["trust", "import"], ["trust", "update", "x"],
      ["trust", "update", "--mirror"], ["plugin", "audit", "--max-trust-age", "x"],
      ["plugin", "audit", "--max-trust-age=-1"],
      ["plugin", "install", "a/b", "--target", "../x"],
    ])
  func usage(arguments: [String]) {
    let outcome = Program.run([Program.nexo] + arguments, environment: ["HOME": "/nonexistent"])
    #expect(outcome.status == 2, "\(outcome.standardError)")
    #expect(outcome.standardError != "")
    #expect(outcome.standardOutput == "")
  }

  @Test(
    "help and version end with 0, on standard output",
    arguments: [
      ["--help"], ["-h"], ["help"], ["plugin", "--help"], ["plugin", "help"], ["plugin", "install", "--help"],
      ["--version"],
      ["-V"], ["plugin", "install", "-V"], ["plugin", "help", "install"],
    ])
  func help(arguments: [String]) {
    let outcome = Program.run([Program.nexo] + arguments)
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput != "")
    #expect(outcome.standardError == "")
  }

  @Test("a configuration folder that was named and is not there is an error, not an empty policy")
  func missingConfig() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)])
    let home = try Home(sample, github.base)
    let outcome = home.run("plugin", "install", "example/plugin", "--config", home.scratch.path + "/confg", "--json")
    #expect(outcome.status == 1)
    #expect(outcome.standardOutput.contains("\"kind\":\"ConfigLoad\""))
    #expect(github.requests.isEmpty)
  }

  @Test("the first of a repeated flag counts")
  func repeated() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)])
    let home = try Home(sample, github.base)
    let outcome = home.run(
      "plugin", "install", "example/plugin", "--config", home.config, "--dest", home.plugins, "--dest",
      "/nonexistent/x",
      "--config", "/nonexistent/y")
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }

  @Test("killed at any request, then run again: the new state, and nothing of the dead run", arguments: 0..<5)
  func killed(number: Int) throws {
    let sample = SampleRelease()
    let pidFile = Mutex<String?>(nil)
    let github = try FakeGitHub([.init(sample)]) { request in
      if request.number == number, let path = pidFile.withLock({ $0 }) {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if let pid = pid_t(text.split(separator: "\n").first ?? "") { kill(pid, SIGKILL) }
      }
      return nil
    }
    let home = try Home(sample, github.base)
    pidFile.withLock { $0 = home.scratch.path + "/pid" }
    let command =
      "echo $$ > '\(home.scratch.path)/pid'; exec '\(Program.nexo)' plugin install example/plugin --config '\(home.config)'"
    let killed = Program.run(["sh", "-c", command], environment: home.environment)
    #expect(killed.signal == SIGKILL)
    #expect(home.tree.allSatisfy { $0.hasPrefix(".nexo-staging") })
    pidFile.withLock { $0 = nil }
    let again = home.run("plugin", "install", "example/plugin", "--config", home.config)
    #expect(again.status == 0, "\(again.standardError)")
    #expect(home.tree == Self.installed)
  }

  @Test("killed at whatever moment while a larger plugin is put in place: the old state or the new one")
  func killedAnywhere() throws {
    var old = SampleRelease()
    old.items += (0..<300).map { .init("./lib/\($0).bin", [UInt8](repeating: UInt8($0 & 0xff), count: 4000)) }
    var new = old
    new.items[4].bytes = Array("new data\n".utf8)
    let github = try FakeGitHub([.init(old)])
    let home = try Home(old, github.base)
    #expect(home.run("plugin", "install", "example/plugin", "--config", home.config).status == 0)
    let before = home.tree
    github.change { $0 = [.init(new)] }
    for delay in stride(from: 0.02, through: 0.3, by: 0.02) {
      let command = "timeout -s KILL \(delay) '\(Program.nexo)' plugin install example/plugin --config '\(home.config)'"
      _ = Program.run(["sh", "-c", command], environment: home.environment)
      #expect(home.tree.filter { !$0.hasPrefix(".nexo-staging") } == before)
      let audit = home.run("plugin", "audit", "--config", home.config)
      #expect(audit.status == 0, "after \(delay) s: \(audit.standardError)")
    }
    #expect(home.run("plugin", "install", "example/plugin", "--config", home.config).status == 0)
    #expect(home.tree == before)
    #expect(
      FileManager.default.contents(atPath: home.plugins + "/my_plugin-1.0.0/lib/data.txt") == Data("new data\n".utf8))
  }

  @Test("Ctrl-C while the tarball drips in: ends as the signal would, and leaves nothing")
  func interrupted() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)]) { request in
      request.target.hasSuffix(".tar.gz") ? .dripping(interval: 0.05, body: sample.tarball) : nil
    }
    let home = try Home(sample, github.base)
    let command = "timeout -s INT 1 '\(Program.nexo)' plugin install example/plugin --config '\(home.config)'"
    let outcome = Program.run(["sh", "-c", command], environment: home.environment)
    // timeout(1) says 124 for a command that it had to stop.
    #expect(outcome.status == 124)
    #expect(outcome.standardError.hasSuffix("✗ interrupted; nothing was changed\n"))
    #expect(home.tree == [])
    #expect(!FileManager.default.fileExists(atPath: home.plugins))
  }

  @Test("over TLS: an API and assets on two hosts, believed by SSL_CERT_FILE alone; the token stays with the API")
  func tls() throws {
    let sample = SampleRelease()
    let authority = try LoopbackTLS.Authority(names: ["DNS:localhost"])
    let files = try LoopbackTLS(authority, files: sample.assets())
    let assets = sample.assets().keys.sorted().map {
      "{\"name\": \"\($0)\", \"browser_download_url\": \"\(files.address("/" + $0))\"}"
    }
    let listing = "{\"tag_name\": \"v1.0.0\", \"assets\": [\(assets.joined(separator: ", "))]}"
    let api = try LoopbackTLS(
      authority, files: ["listing": Array(listing.utf8)],
      locations: "location = /repos/example/plugin/releases/tags/v1.0.0 { try_files /listing =404; }")
    let home = try Home(sample, "https://localhost:\(api.port)")
    var environment = home.environment
    environment["NEXO_GITHUB_TOKEN"] = "s3cret"
    let arguments = [
      Program.nexo, "plugin", "install", "example/plugin@v1.0.0", "--config", home.config, "--require-signature",
      "--json",
    ]
    let stranger = Program.run(arguments, environment: environment)
    #expect(stranger.status == 1)
    #expect(stranger.standardOutput.contains("\"reason\":\"transport.tlsFailed\""))
    #expect(home.tree == [])
    environment["SSL_CERT_FILE"] = authority.file
    let outcome = Program.run(arguments, environment: environment)
    #expect(outcome.status == 0, "\(outcome.standardOutput)")
    #expect(home.tree == Self.installed)
  }

  @Test("on a terminal the download is drawn, and wiped away before the next line")
  func terminal() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)])
    let home = try Home(sample, github.base)
    let command = "'\(Program.nexo)' plugin install example/plugin --config '\(home.config)'"
    let outcome = Program.run(["script", "-qec", command, "/dev/null"], environment: home.environment)
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput.contains("\r  100 % of 5.0 KB\u{1b}[K"))
    #expect(outcome.standardOutput.contains("\u{1b}[K\r\u{1b}[K✓ sha256 verified"))
  }

  @Test("OpenSSL's configuration file is not read")
  func opensslConfiguration() throws {
    let sample = SampleRelease()
    let github = try FakeGitHub([.init(sample)])
    let home = try Home(sample, github.base)
    var environment = home.environment
    environment["OPENSSL_CONF"] = home.scratch.write("openssl.cnf", Array("openssl_conf = none\n".utf8))
    let log = home.scratch.path + "/calls"
    let outcome = Program.run(
      [
        "strace", "-f", "-e", "trace=open,openat", "-o", log, Program.nexo, "plugin", "install", "example/plugin",
        "--config", home.config,
      ], environment: environment)
    #expect(outcome.status == 0)
    let calls = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(calls.contains("trusted_keys.toml"))
    #expect(!calls.contains("openssl.cnf"))
  }

  @Test("completions know its own commands and the verifier's")
  func completion() {
    let scratch = Scratch()
    let script = Program.run([Program.nexo, "completion", "bash"])
    #expect(script.status == 0)
    scratch.write("nexo.bash", Array(script.standardOutput.utf8))
    func complete(_ words: String...) -> [String] {
      let said = Program.run(
        [
          "/bin/bash", "-c",
          """
          source "$0"
          COMP_WORDS=(nexo "$@"); COMP_CWORD=$#; COMP_LINE="nexo $*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
          _nexo_any nexo "${@: -1}" "${COMP_WORDS[$#-1]}"; printf '%s\\n' "${COMPREPLY[@]}"
          """, scratch.path + "/nexo.bash",
        ] + words)
      return said.standardOutput.split(separator: "\n").map(String.init)
    }
    #expect(complete("ver") == ["verify-blob", "verify-blob-attestation"])
    #expect(complete("verify-blob", "--write-b") == ["--write-bundle"])
    #expect(complete("trust", "upd") == ["update"])
    #expect(complete("plugin", "install", "--require-s") == ["--require-signature"])
    for shell in ["bash", "zsh", "fish"] {
      let said = Program.run([Program.nexo, "completion", shell])
      #expect(
        said.status == 0 && said.standardOutput.contains("write-bundle") && said.standardOutput.contains("plugin"))
    }
    #expect(Program.run([Program.nexo, "completion", "tcsh"]).status == 2)
    #expect(Program.run([Program.nexo, "completion"]).status == 2)
  }
}
