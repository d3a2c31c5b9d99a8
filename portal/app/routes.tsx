/** Which page stands at which address. All but the first are loaded when they are visited. */
import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { Layout } from "./components/Layout.tsx";
import { PageSkeleton } from "./components/states.tsx";
import { Home } from "./pages/public/Home.tsx";

const PublicCampaign = lazy(() => import("./pages/public/Campaign.tsx"));
const Proof = lazy(() => import("./pages/public/Proof.tsx"));
const Local = lazy(() => import("./pages/public/Local.tsx"));
const Shop = lazy(() => import("./pages/public/Shop.tsx"));
const Partner = lazy(() => import("./pages/partner/Overview.tsx"));
const Partnership = lazy(() => import("./pages/partner/Partnership.tsx"));
const Brand = lazy(() => import("./pages/brand/Campaigns.tsx"));
const Create = lazy(() => import("./pages/brand/Create.tsx"));
const Team = lazy(() => import("./pages/brand/Team.tsx"));
const JoinTeam = lazy(() => import("./pages/brand/JoinTeam.tsx"));
const Manage = lazy(() => import("./pages/brand/Manage.tsx"));
const Notices = lazy(() => import("./pages/Notices.tsx"));
const NotFound = lazy(() => import("./pages/public/NotFound.tsx"));

export function AppRoutes() {
  return (
    <Layout>
      <Suspense fallback={<PageSkeleton />}>
        <Routes>
          <Route path="/" element={<Home />} />
          <Route path="/campaigns/:id" element={<PublicCampaign />} />
          <Route path="/proof/:id" element={<Proof />} />
          <Route path="/partner" element={<Partner />} />
          <Route path="/partner/:id" element={<Partnership />} />
          <Route path="/brand" element={<Brand />} />
          <Route path="/brand/new" element={<Create />} />
          <Route path="/brand/team" element={<Team />} />
          <Route path="/team/join" element={<JoinTeam />} />
          <Route path="/brand/:id/:tab?" element={<Manage />} />
          <Route path="/notices" element={<Notices />} />
          <Route path="/local" element={<Local />} />
          <Route path="/local/shop" element={<Shop />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Layout>
  );
}
