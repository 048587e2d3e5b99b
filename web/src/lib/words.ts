/** Problems of the API by their stable code, as staff read them. A feature adds its own codes here. */
export const problemWords: Record<string, string> & { unknown: string } = {
  unknown: "Algo deu errado do nosso lado. O que você escreveu continua aqui.",
  not_signed_in: "Sua sessão terminou. Entre de novo para continuar.",
  wrong_password: "Essa não é a senha. Confira e tente de novo.",
  too_many_attempts: "Foram muitas tentativas com a senha errada. Espere um pouco antes de tentar de novo.",
  other_host: "Este endereço não é o da Carol. Abra pelo endereço que a clínica usa.",
  too_large: "Isso é maior do que a Carol aceita. Divida em partes e tente de novo.",
  invalid: "Algum campo não pode ser aceito assim. Confira e tente de novo.",
  not_found: "Isso não existe mais, ou nunca existiu.",
  conflict: "Outra pessoa mudou isso antes. Veja como está agora e tente de novo.",
  http_401: "Sua sessão terminou. Entre de novo para continuar.",
  http_403: "Você não pode fazer isso.",
  http_404: "Isso não existe mais, ou nunca existiu.",
  http_409: "Outra pessoa mudou isso antes. Veja como está agora e tente de novo.",
  http_413: "Isso é maior do que a Carol aceita. Divida em partes e tente de novo.",
  http_415: "Esse tipo de arquivo não é aceito.",
  http_422: "Algum campo não pode ser aceito assim. Confira e tente de novo.",
  http_429: "Foram muitos pedidos seguidos. Espere um pouco e tente de novo.",
  http_502: "A Carol não está respondendo agora. Tentamos de novo sozinhos.",
  http_503: "A Carol está no ar, mas uma parte dela não responde agora. Tentamos de novo sozinhos.",
  http_504: "A Carol demorou demais para responder. Tentamos de novo sozinhos.",
};

export const unreachable = "Não conseguimos falar com a Carol. Tentamos de novo sozinhos.";
