FROM node:24-slim
WORKDIR /tessera
ENV NODE_ENV=production
# Without the optional packages there is no embedded Postgres in here: DATABASE_URL is required.
COPY package.json package-lock.json .npmrc LICENSE ./
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY migrations ./migrations
COPY openapi ./openapi
COPY src ./src
USER node
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Not npm: it would keep SIGTERM to itself, and requests under way would be cut off.
CMD ["node", "--max-semi-space-size=32", "src/main.ts"]
