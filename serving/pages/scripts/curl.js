// The command with which a program asks about a patient.

/**
 * Write the command.
 * @param {object} patient fields of a request
 * @param {string} address of POST /risk
 */
export function curlCommand(patient, address) {
  const fields = Object.entries(patient).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const body = `{\n${fields.join(",\n")}\n}`.replaceAll("'", "'\\''");
  return `curl -s ${address} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
}
