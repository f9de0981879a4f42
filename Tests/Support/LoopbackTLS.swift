import Foundation

/// A real nginx with TLS on 127.0.0.1, with certificates that the `openssl` program made. It ends with its owner.
public final class LoopbackTLS: Sendable {
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  /// A throwaway authority with one certificate, in a folder that goes with it.
  public final class Authority: Sendable {
    let folder: String
    /// PEM of the authority, for SSL_CERT_FILE.
    public let file: String

    /// `names` are the certificate's subject alternative names, for example `DNS:localhost`.
    public init(names: [String]) throws {
      folder = try LoopbackTLS.makeFolder()
      file = folder + "/authority.pem"
      let settings = folder + "/req.conf"
      try "[req]\ndistinguished_name = name\n[name]\n".write(toFile: settings, atomically: true, encoding: .utf8)
      let always = [
        "req", "-x509", "-config", settings, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2",
      ]
      _ = try LoopbackTLS.run(
        "openssl",
        always + [
          "-subj", "/CN=Test authority", "-keyout", folder + "/authority.key", "-out", file,
          "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
        ])
      _ = try LoopbackTLS.run(
        "openssl",
        always + [
          "-subj", "/CN=Test server", "-keyout", folder + "/server.key", "-out", folder + "/server.pem",
          "-CA", file, "-CAkey", folder + "/authority.key", "-addext", "basicConstraints=critical,CA:FALSE",
          "-addext", "subjectAltName=" + names.joined(separator: ","),
        ])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A folder with the authority under the name that OpenSSL looks for, for SSL_CERT_DIR.
    public func hashedFolder() throws -> String {
      let hashed = folder + "/hashed"
      try FileManager.default.createDirectory(atPath: hashed, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: file, toPath: hashed + "/authority.pem")
      _ = try LoopbackTLS.run("openssl", ["rehash", hashed])
      return hashed
    }
  }

  public let port: Int
  public let authority: Authority
  private let folder: String
  private let process: Process

  /// Serves `files` and the `locations` given in nginx's language. `protocols` as in `ssl_protocols`.
  public init(
    _ authority: Authority, files: [String: [UInt8]] = [:], locations: String = "",
    protocols: String = "TLSv1.2 TLSv1.3"
  ) throws {
    self.authority = authority
    folder = try Self.makeFolder()
    try FileManager.default.createDirectory(atPath: folder + "/files", withIntermediateDirectories: true)
    for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: folder + "/files/" + name)) }
    // nginx takes no port 0: a free one is looked for, and another if somebody was faster.
    for _ in 0..<5 {
      let port = try LoopbackSocket.listening().port
      try Self.configuration(folder, authority, port: port, locations: locations, protocols: protocols)
        .write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
      let arguments = ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"]
      let process = try Self.start("nginx", arguments, output: FileHandle.nullDevice)
      if Self.waitForStart(of: process, port: port) {
        (self.port, self.process) = (port, process)
        return
      }
      Self.end(process)
    }
    let log = (try? String(contentsOfFile: folder + "/error.log", encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(atPath: folder)
    throw Problem(description: "nginx does not start: \(log)")
  }

  deinit {
    Self.end(process)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The address of a path, which begins with `/`.
  public func address(_ path: String = "/", host: String = "localhost") -> String { "https://\(host):\(port)\(path)" }

  /// What a program prints, its errors included; a `Problem` unless its status is 0.
  public static func run(_ program: String, _ arguments: [String]) throws -> String {
    let pipe = Pipe()
    let process = try start(program, arguments, output: pipe)
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Problem(description: "\(program) \(arguments): \(said)") }
    return said
  }

  private static func configuration(
    _ folder: String, _ authority: Authority, port: Int, locations: String, protocols: String
  ) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: "\n  ")
    return """
      daemon off;
      master_process off;
      pid \(folder)/nginx.pid;
      error_log \(folder)/error.log;
      events { worker_connections 64; }
      http {
        access_log off;
        \(temporary)
        server {
          listen 127.0.0.1:\(port) ssl http2;
          ssl_certificate \(authority.folder)/server.pem;
          ssl_certificate_key \(authority.folder)/server.key;
          ssl_protocols \(protocols);
          ssl_ciphers DEFAULT@SECLEVEL=0;
          root \(folder)/files;
          \(locations)
        }
      }
      """
  }

  private static func waitForStart(of process: Process, port: Int) -> Bool {
    for _ in 0..<500 {
      if LoopbackSocket.connected(toPort: port) != nil { return process.isRunning }
      guard process.isRunning else { return false }
      usleep(10_000)
    }
    return false
  }

  /// Not by SIGTERM: a child inherits that signal as blocked from the threads that tests run on.
  private static func end(_ process: Process) {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  private static func start(_ program: String, _ arguments: [String], output: Any) throws -> Process {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let paths = (folders + ["/usr/sbin", "/usr/local/sbin"]).map { $0 + "/" + program }
    guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw Problem(description: "\(program) is missing; scripts/setup installs it")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    // The machine's own openssl.cnf has an opinion about protocol versions.
    process.environment = ProcessInfo.processInfo.environment.merging(["OPENSSL_CONF": "/dev/null"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return process
  }

  private static func makeFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("nexo-tls-" + UUID().uuidString).path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return path
  }
}
