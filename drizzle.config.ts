/** `drizzle-kit generate` writes migrations/ from schema/tables/. It never touches a database here. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './schema/index.ts', out: './migrations' });
